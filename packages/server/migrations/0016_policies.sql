-- Policies: versions, what each came to in trials and in shadow, and when each was active. Indexes on finds and
-- received_findings let a trial read a period; making them holds off writes to these tables while they are read once.
CREATE TABLE policies (
  -- SHA-256 of the text.
  digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  -- As findings and receipts name it.
  policy_digest text NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  text text NOT NULL,
  tests_text text,
  rule_count integer NOT NULL,
  test_count integer NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'shadow', 'active', 'retired')),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  activated_at timestamptz,
  CHECK (state NOT IN ('active', 'retired') OR activated_at IS NOT NULL)
);
CREATE UNIQUE INDEX policies_active ON policies (state) WHERE state = 'active';
CREATE UNIQUE INDEX policies_in_shadow ON policies (state) WHERE state = 'shadow';
-- A version's words never change: what decided yesterday can be read today.
GRANT SELECT, INSERT, UPDATE (state, activated_at) ON policies TO nightlight_app;

-- Nothing in it is ever changed, so that what decided when cannot be denied.
CREATE TABLE policy_activations (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest text NOT NULL REFERENCES policies,
  replaced text REFERENCES policies,
  how text NOT NULL CHECK (how IN ('first', 'activated', 'rolled-back')),
  act_id text,
  asked_by text,
  seconded_by text,
  at timestamptz NOT NULL,
  CHECK ((how = 'first') = (act_id IS NULL)),
  CHECK ((act_id IS NULL) = (asked_by IS NULL) AND (act_id IS NULL) = (seconded_by IS NULL)),
  CHECK (seconded_by <> asked_by)
);
CREATE INDEX policy_activations_of ON policy_activations (digest, seq);
GRANT SELECT, INSERT ON policy_activations TO nightlight_app;

CREATE TABLE policy_trials (
  trial_id text PRIMARY KEY,
  digest text NOT NULL REFERENCES policies,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  period_from timestamptz NOT NULL,
  period_to timestamptz NOT NULL,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  ended_at timestamptz,
  total integer NOT NULL,
  -- Counts, rules' names and ids of finds.
  tally jsonb NOT NULL,
  CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX policy_trials_of ON policy_trials (digest, asked_at);
GRANT SELECT, INSERT, UPDATE (state, ended_at, total, tally) ON policy_trials TO nightlight_app;

CREATE TABLE policy_shadows (
  shadow_id text PRIMARY KEY,
  digest text NOT NULL REFERENCES policies,
  started_by text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_by text,
  ended_at timestamptz,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX policy_shadows_of ON policy_shadows (digest, started_at);
CREATE UNIQUE INDEX policy_shadows_running ON policy_shadows ((ended_at IS NULL)) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE (ended_by, ended_at) ON policy_shadows TO nightlight_app;

CREATE TABLE policy_shadow_counts (
  shadow_id text NOT NULL REFERENCES policy_shadows,
  beside text NOT NULL REFERENCES policies,
  surface text NOT NULL CHECK (surface IN ('screen', 'intake')),
  from_decision text NOT NULL,
  to_decision text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (shadow_id, beside, surface, from_decision, to_decision)
);
GRANT SELECT, INSERT, UPDATE (count) ON policy_shadow_counts TO nightlight_app;

CREATE INDEX finds_by_time ON finds (attached_at, find_id);
CREATE INDEX received_findings_by_time ON received_findings (received_at, record_id);
