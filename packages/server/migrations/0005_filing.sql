-- Reports, what is preserved for them, and what authorities ask for.

-- Authorisations to file by policy.
CREATE TABLE filing_authorisations (
  authorisation_id text PRIMARY KEY,
  -- What two people prove: ids, names of lists, counts and times.
  document jsonb NOT NULL,
  -- Their proofs so far.
  proofs jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('requested', 'live', 'ended')),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  mac text NOT NULL,
  CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
GRANT SELECT, INSERT, UPDATE (proofs, state, ended_at, mac) ON filing_authorisations TO nightlight_app;

-- Which cases were decided without a person, and which were looked at and left to people.
CREATE TABLE automatic_cases (
  case_id text PRIMARY KEY REFERENCES cases,
  authorisation_id text NOT NULL REFERENCES filing_authorisations,
  outcome text NOT NULL CHECK (outcome IN ('filed', 'left')),
  code text NOT NULL,
  at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON automatic_cases TO nightlight_app;

-- Keyed digests of list entries and of the distinct items that each has matched.
CREATE TABLE entry_items (
  entry_key text NOT NULL,
  item_key text NOT NULL,
  list text,
  PRIMARY KEY (entry_key, item_key)
);
CREATE INDEX entry_items_by_list ON entry_items (list, entry_key);
GRANT SELECT, INSERT ON entry_items TO nightlight_app;

CREATE TABLE reports (
  id text PRIMARY KEY,
  case_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('files', 'text-only', 'training-data', 'follow-up')),
  environment text NOT NULL CHECK (environment IN ('test', 'production')),
  state text NOT NULL
    CHECK (state IN ('draft', 'proposed', 'approved', 'held', 'finished', 'manual', 'withdrawn')),
  version integer NOT NULL DEFAULT 1,
  -- Document and files, sealed under the case's key.
  content bytea NOT NULL,
  -- The grant with its proofs, sealed under the case's key.
  proven bytea,
  grant_id text UNIQUE,
  prepared_by text NOT NULL,
  approved_by text,
  -- Why one person filed alone; reviewed within a day.
  single_person_reason text,
  single_person_reviewed_by text,
  single_person_reviewed_at timestamptz,
  -- The authorisation that it was filed under without a person.
  authorisation_id text REFERENCES filing_authorisations,
  -- Who accepted a receipt that names other files than were uploaded.
  receipt_accepted_by text,
  created_at timestamptz NOT NULL,
  proposed_at timestamptz,
  approved_at timestamptz,
  finished_at timestamptz,
  due_at timestamptz,
  -- How far its filing has come.
  remote_report_id text,
  held_code text,
  held_response_code integer,
  resumes integer NOT NULL DEFAULT 0,
  next_try_at timestamptz,
  lease_token uuid,
  lease_until timestamptz,
  CHECK ((state IN ('finished', 'manual')) = (finished_at IS NOT NULL)),
  CHECK (approved_by IS NULL OR approved_by <> prepared_by OR single_person_reason IS NOT NULL)
);
CREATE INDEX reports_by_case ON reports (case_id);
CREATE INDEX reports_to_file ON reports (next_try_at) WHERE state = 'approved';
CREATE INDEX reports_by_state ON reports (state, created_at, id);
CREATE INDEX reports_by_age ON reports (created_at, id);
-- One report of a case is on its way at a time; follow-ups come after.
CREATE UNIQUE INDEX reports_one_under_way ON reports (case_id)
  WHERE state IN ('draft', 'proposed', 'approved', 'held');
-- Reports that one person or none filed, until somebody looked through them.
CREATE INDEX reports_to_review ON reports (approved_at)
  WHERE (single_person_reason IS NOT NULL OR authorisation_id IS NOT NULL) AND single_person_reviewed_by IS NULL;
GRANT SELECT, INSERT, UPDATE ON reports TO nightlight_app;

-- A step's marker is written before its call and never removed; its outcome is added once.
CREATE TABLE report_steps (
  report_id text NOT NULL REFERENCES reports (id),
  ordinal integer NOT NULL,
  attempt integer NOT NULL,
  -- Call and what distinguishes it, such as `upload:evidence-1`: at most once in an attempt.
  step_key text NOT NULL,
  step jsonb NOT NULL,
  started_at timestamptz NOT NULL,
  outcome jsonb,
  -- What the CyberTipline answered, whole, and sealed under the case's key: receipts, Request-IDs, ids, digests and the
  -- reasons of a refusal.
  answer bytea,
  ended_at timestamptz,
  PRIMARY KEY (report_id, ordinal),
  UNIQUE (report_id, attempt, step_key)
);
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
GRANT SELECT, INSERT, UPDATE (outcome, answer, ended_at) ON report_steps TO nightlight_app;

-- Reports to authorities other than NCMEC, made manually: that, when and by whom.
CREATE TABLE referrals (
  referral_id text PRIMARY KEY,
  case_id text NOT NULL,
  authority text NOT NULL,
  -- The authority's own reference: sealed under the case's key.
  reference bytea NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX referrals_by_case ON referrals (case_id, made_at);
GRANT SELECT, INSERT ON referrals TO nightlight_app;

-- What keeps each piece of evidence, and what ended it. A row is never removed.
CREATE TABLE preservations (
  evidence_id text PRIMARY KEY,
  case_id text NOT NULL,
  -- kept: awaits a decision or a report; locked: a finished production report's year, or a hold's end, must pass;
  -- clearing: a review cleared it, a job destroys it; destroying: its destruction is under way.
  state text NOT NULL CHECK (state IN ('kept', 'locked', 'clearing', 'destroying', 'destroyed')),
  locked_until timestamptz,
  report_id text,
  destroy_after timestamptz,
  destroy_by timestamptz,
  certificate_id text,
  destroyed_at timestamptz,
  changed_at timestamptz NOT NULL,
  mac text NOT NULL,
  CHECK ((state = 'destroyed') = (destroyed_at IS NOT NULL)),
  CHECK (state <> 'clearing' OR destroy_by IS NOT NULL),
  CHECK (state <> 'locked' OR locked_until IS NOT NULL)
);
CREATE INDEX preservations_by_case ON preservations (case_id);
CREATE INDEX preservations_to_clear ON preservations (destroy_after) WHERE state IN ('clearing', 'destroying');
CREATE INDEX preservations_by_end ON preservations (locked_until, evidence_id) WHERE state = 'locked';
GRANT SELECT, INSERT ON preservations TO nightlight_app;
GRANT UPDATE (
  case_id, state, locked_until, report_id, destroy_after, destroy_by, certificate_id, destroyed_at, changed_at, mac
) ON preservations TO nightlight_app;

CREATE TABLE holds (
  hold_id text PRIMARY KEY,
  case_id text NOT NULL,
  reason text NOT NULL,
  -- Who asked, by which letter: sealed under the case's key.
  reference bytea NOT NULL,
  request_id text,
  placed_by text NOT NULL,
  placed_at timestamptz NOT NULL,
  until timestamptz,
  lifted_by text,
  lifted_at timestamptz,
  mac text NOT NULL
);
CREATE INDEX holds_live ON holds (case_id) WHERE lifted_at IS NULL;
GRANT SELECT, INSERT, UPDATE (lifted_by, lifted_at, mac) ON holds TO nightlight_app;

CREATE TABLE destruction_certificates (
  certificate_id text PRIMARY KEY,
  case_id text NOT NULL,
  basis text NOT NULL,
  approval_id text,
  document text NOT NULL,
  -- What the custodian is asked to destroy under it.
  order_json jsonb,
  issued_at timestamptz NOT NULL
);
CREATE INDEX destruction_certificates_by_case ON destruction_certificates (case_id);
GRANT SELECT, INSERT ON destruction_certificates TO nightlight_app;

-- What the custodian signed before the evidence went.
CREATE TABLE destruction_receipts (
  certificate_id text PRIMARY KEY REFERENCES destruction_certificates,
  document jsonb NOT NULL,
  received_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON destruction_receipts TO nightlight_app;

-- When the clock was last seen to be right: nothing ends by a clock that jumped.
CREATE TABLE clock_watch (
  name text PRIMARY KEY,
  seen_at timestamptz NOT NULL,
  suspended_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON clock_watch TO nightlight_app;

-- Requests of law enforcement: who asked for what, what was answered, what left.
CREATE TABLE le_requests (
  request_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('preservation-2703f', 'legal-process', 'destruction', 'ncmec')),
  state text NOT NULL CHECK (state IN ('open', 'closed')),
  -- Agency, officer, scope, reference: sealed under the request's own key.
  sealed bytea NOT NULL,
  received_at timestamptz NOT NULL,
  due_at timestamptz,
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_by text,
  closed_at timestamptz,
  mac text NOT NULL
);
CREATE INDEX le_requests_by_state ON le_requests (state, opened_at, request_id);
GRANT SELECT, INSERT, UPDATE (state, closed_by, closed_at, mac) ON le_requests TO nightlight_app;

CREATE TABLE le_request_cases (
  request_id text NOT NULL REFERENCES le_requests (request_id),
  case_id text NOT NULL,
  linked_by text NOT NULL,
  linked_at timestamptz NOT NULL,
  mac text NOT NULL,
  PRIMARY KEY (request_id, case_id)
);
CREATE INDEX le_request_cases_by_case ON le_request_cases (case_id);
GRANT SELECT, INSERT, UPDATE (mac) ON le_request_cases TO nightlight_app;

-- What left, to whom, by whom: never changed.
CREATE TABLE disclosures (
  disclosure_id text PRIMARY KEY,
  request_id text NOT NULL REFERENCES le_requests (request_id),
  case_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('custody-record', 'content', 'records')),
  approval_id text NOT NULL,
  requested_by text NOT NULL,
  approved_by text NOT NULL,
  document_sha256 text,
  -- What the custodian signed before the content left.
  receipt_json jsonb,
  disclosed_at timestamptz NOT NULL
);
CREATE INDEX disclosures_by_request ON disclosures (request_id, disclosed_at);
GRANT SELECT, INSERT ON disclosures TO nightlight_app;
