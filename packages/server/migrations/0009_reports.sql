-- Reports and their filing. A step's marker is written before its call and never removed; its outcome is added once.
CREATE TABLE reports (
  id text PRIMARY KEY,
  case_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('files', 'text-only', 'training-data', 'follow-up')),
  environment text NOT NULL CHECK (environment IN ('test', 'production')),
  state text NOT NULL
    CHECK (state IN ('draft', 'proposed', 'approved', 'held', 'finished', 'by-hand', 'withdrawn')),
  version integer NOT NULL DEFAULT 1,
  -- Document and files, sealed under the case's key.
  content bytea NOT NULL,
  -- The grant with its proofs, sealed under the case's key.
  proven bytea,
  grant_id text UNIQUE,
  prepared_by text NOT NULL,
  approved_by text,
  -- Why one person filed alone; reviewed within a day.
  sole_reason text,
  sole_reviewed_by text,
  sole_reviewed_at timestamptz,
  created_at timestamptz NOT NULL,
  proposed_at timestamptz,
  approved_at timestamptz,
  finished_at timestamptz,
  due_at timestamptz,
  remote_report_id text,
  held_code text,
  held_response_code integer,
  resumes integer NOT NULL DEFAULT 0,
  next_try_at timestamptz,
  lease_token uuid,
  lease_until timestamptz,
  CHECK ((state IN ('finished', 'by-hand')) = (finished_at IS NOT NULL)),
  CHECK (approved_by IS NULL OR approved_by <> prepared_by OR sole_reason IS NOT NULL)
);
CREATE INDEX reports_by_case ON reports (case_id);
CREATE INDEX reports_to_file ON reports (next_try_at) WHERE state = 'approved';
CREATE INDEX reports_by_state ON reports (state, created_at, id);
-- One report of a case is on its way at a time; follow-ups come after.
CREATE UNIQUE INDEX reports_one_under_way ON reports (case_id)
  WHERE state IN ('draft', 'proposed', 'approved', 'held');

CREATE TABLE report_steps (
  report_id text NOT NULL REFERENCES reports (id),
  ordinal integer NOT NULL,
  attempt integer NOT NULL,
  -- Call and what distinguishes it, such as `upload:evidence-1`: at most once in an attempt.
  step_key text NOT NULL,
  step jsonb NOT NULL,
  started_at timestamptz NOT NULL,
  outcome jsonb,
  ended_at timestamptz,
  PRIMARY KEY (report_id, ordinal),
  UNIQUE (report_id, attempt, step_key)
);

GRANT SELECT, INSERT, UPDATE ON reports TO nightlight_app;
GRANT SELECT, INSERT, UPDATE (outcome, ended_at) ON report_steps TO nightlight_app;

CREATE FUNCTION report_step_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.outcome IS NOT NULL THEN
    RAISE EXCEPTION 'a step ends once' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER report_steps_end_once BEFORE UPDATE ON report_steps
  FOR EACH ROW EXECUTE FUNCTION report_step_ends_once();
