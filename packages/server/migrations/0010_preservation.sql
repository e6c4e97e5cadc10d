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
  CHECK ((state = 'destroyed') = (destroyed_at IS NOT NULL)),
  CHECK (state <> 'clearing' OR destroy_by IS NOT NULL),
  CHECK (state <> 'locked' OR locked_until IS NOT NULL)
);
CREATE INDEX preservations_by_case ON preservations (case_id);
CREATE INDEX preservations_to_clear ON preservations (destroy_after) WHERE state IN ('clearing', 'destroying');
CREATE INDEX preservations_by_end ON preservations (locked_until, evidence_id) WHERE state = 'locked';

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
  lifted_at timestamptz
);
CREATE INDEX holds_live ON holds (case_id) WHERE lifted_at IS NULL;

CREATE TABLE destruction_certificates (
  certificate_id text PRIMARY KEY,
  case_id text NOT NULL,
  basis text NOT NULL,
  act_id text,
  document text NOT NULL,
  issued_at timestamptz NOT NULL
);
CREATE INDEX destruction_certificates_by_case ON destruction_certificates (case_id);

-- When the clock was last seen to be right: nothing ends by a clock that jumped.
CREATE TABLE clock_watch (
  name text PRIMARY KEY,
  seen_at timestamptz NOT NULL,
  suspended_at timestamptz
);

GRANT SELECT, INSERT, UPDATE ON preservations, holds, clock_watch TO nightlight_app;
GRANT SELECT, INSERT ON destruction_certificates TO nightlight_app;
