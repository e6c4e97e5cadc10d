-- Sources and what they push, and what content is screened with: lists, policies, false positives.

CREATE TABLE sources (
  source_id text PRIMARY KEY,
  name text NOT NULL,
  key_id text NOT NULL,
  public_key text NOT NULL,
  -- Public keys that another one took the place of: what they sign is refused and reported.
  replaced_keys text[],
  names_accounts boolean NOT NULL,
  -- What reports call the source's dataset: chosen at its enrolment, for no name of our own places goes to NCMEC.
  dataset_name text,
  enrolled_by text NOT NULL,
  enrolled_at timestamptz NOT NULL,
  revoked_at timestamptz,
  mac text NOT NULL
);
-- A key speaks for one source at a time: what it signed can be taken for nobody else's.
CREATE UNIQUE INDEX sources_by_live_key ON sources (key_id) WHERE revoked_at IS NULL;
GRANT SELECT, INSERT ON sources TO nightlight_app;
GRANT UPDATE (key_id, public_key, replaced_keys, revoked_at, mac) ON sources TO nightlight_app;

CREATE TABLE received_findings (
  record_id text PRIMARY KEY,
  source_id text NOT NULL,
  finding_id text NOT NULL,
  scan_key text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('dataset', 'account', 'direct')),
  account_key text,
  decision text NOT NULL,
  claims_match boolean NOT NULL,
  document bytea,
  replaces text,
  -- Its sealed content.
  evidence_id text,
  ciphertext_sha256 text,
  content boolean,
  evidence_at timestamptz,
  -- What came of it.
  notes text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'verified', 'denied', 'refused', 'kept')),
  code text,
  tried_at timestamptz,
  index_version integer,
  received_at timestamptz NOT NULL,
  settled_at timestamptz,
  case_id text,
  item_id text,
  test_only boolean,
  UNIQUE (source_id, finding_id),
  CHECK ((evidence_id IS NULL) = (ciphertext_sha256 IS NULL)),
  CHECK ((origin = 'account') = (account_key IS NOT NULL))
);
CREATE INDEX received_findings_by_scan ON received_findings (source_id, scan_key, finding_id);
CREATE INDEX received_findings_by_evidence ON received_findings (source_id, evidence_id);
CREATE INDEX received_findings_by_state ON received_findings (state, record_id);
CREATE INDEX received_findings_waiting ON received_findings (tried_at) WHERE state = 'waiting' AND evidence_at IS NOT NULL;
-- A policy's trial reads a period.
CREATE INDEX received_findings_by_time ON received_findings (received_at, record_id);
GRANT SELECT, INSERT ON received_findings TO nightlight_app;
GRANT UPDATE (
  document, replaces, evidence_id, ciphertext_sha256, content, evidence_at, state, code, tried_at, index_version,
  settled_at, case_id, item_id, test_only
) ON received_findings TO nightlight_app;

-- Received findings by source, state and code, kept as counts of cases are: the key is these three as JSON.
CREATE FUNCTION received_count_key(source_id text, state text, code text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array($1, $2, $3)::text
$$;
CREATE FUNCTION count_received() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO case_counts (name, key, delta)
    SELECT 'received', received_count_key(source_id, state, code), count(*)
    FROM after_rows GROUP BY source_id, state, code;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO case_counts (name, key, delta)
    SELECT 'received', received_count_key(source_id, state, code), -count(*)
    FROM before_rows GROUP BY source_id, state, code;
  ELSE
    INSERT INTO case_counts (name, key, delta)
    SELECT 'received', received_count_key(source_id, state, code), sum(sign)
    FROM (
      SELECT 1 AS sign, source_id, state, code FROM after_rows
      UNION ALL
      SELECT -1, source_id, state, code FROM before_rows
    ) changed
    GROUP BY source_id, state, code HAVING sum(sign) <> 0;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER received_counted_insert AFTER INSERT ON received_findings
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_received();
CREATE TRIGGER received_counted_update AFTER UPDATE ON received_findings
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_received();
CREATE TRIGGER received_counted_delete AFTER DELETE ON received_findings
  REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION count_received();

-- What sources say of themselves: scans, what followed them, and guards.

CREATE TABLE scans (
  scan_id text PRIMARY KEY,
  source_id text NOT NULL,
  -- The source's own name of it, such as s-000001.
  scan text NOT NULL,
  state text NOT NULL CHECK (state IN ('complete', 'stopped', 'partial')),
  finished_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- Counts, codes and names of lists: no path, no file name, no entry.
  report jsonb NOT NULL,
  UNIQUE (source_id, scan)
);
CREATE INDEX scans_by_time ON scans (finished_at DESC, scan_id DESC);
CREATE INDEX scans_by_source ON scans (source_id, finished_at DESC, scan_id DESC);
CREATE INDEX scans_by_dataset ON scans
  (source_id, (report ->> 'dataset'), (state = 'complete' AND (report ->> 'screened')::boolean), finished_at DESC);
GRANT SELECT, INSERT, UPDATE (state, finished_at, received_at, report) ON scans TO nightlight_app;

-- What sources did about their datasets after a scan: hunts and purges.
CREATE TABLE follow_ups (
  follow_up_id text PRIMARY KEY,
  source_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('hunt', 'purge')),
  -- The source's own name of it, such as h-000001.
  name text NOT NULL,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- Counts, codes and names of lists: no path, no file name, no entry.
  report jsonb NOT NULL,
  UNIQUE (source_id, kind, name)
);
GRANT SELECT, INSERT, UPDATE (at, received_at, report) ON follow_ups TO nightlight_app;

-- One row for each dataset that a hunt or a purge speaks of: what was in place of it then.
CREATE TABLE follow_up_datasets (
  follow_up_id text NOT NULL REFERENCES follow_ups,
  source_id text NOT NULL,
  -- Keyed digest of the dataset, as scans name it.
  dataset text NOT NULL,
  at timestamptz NOT NULL,
  -- Whether the scan that it rests on had screened every shard with a real list.
  complete boolean NOT NULL,
  state jsonb NOT NULL,
  PRIMARY KEY (follow_up_id, dataset)
);
CREATE INDEX follow_up_datasets_by_time ON follow_up_datasets (source_id, dataset, complete, at DESC);
GRANT SELECT, INSERT, DELETE ON follow_up_datasets TO nightlight_app;

-- The last word of each guard process.
CREATE TABLE guard_heartbeats (
  source_id text NOT NULL,
  instance text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'draining', 'stopped')),
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  heartbeat jsonb NOT NULL,
  PRIMARY KEY (source_id, instance)
);
GRANT SELECT, INSERT, DELETE, UPDATE (state, last_seen_at, heartbeat) ON guard_heartbeats TO nightlight_app;

-- Lists and the false positives that reviewers report of them.

-- Grows by one row with each change of a list; nothing in it is ever changed, so that what was live cannot be denied.
CREATE TABLE live_indexes (
  version integer PRIMARY KEY,
  live_at timestamptz NOT NULL,
  mac text NOT NULL
);
GRANT SELECT, INSERT, UPDATE (mac) ON live_indexes TO nightlight_app;

CREATE TABLE false_positives (
  false_positive_id text PRIMARY KEY,
  list text NOT NULL,
  case_id text NOT NULL REFERENCES cases,
  item_id text NOT NULL REFERENCES case_items,
  reason text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'accepted', 'withdrawn', 'ended')),
  -- Why it can never become a false positive.
  bar text,
  entries integer NOT NULL,
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL,
  changed_by text,
  changed_at timestamptz,
  mac text NOT NULL
);
-- One report of an item's match on a list stands at a time.
CREATE UNIQUE INDEX false_positives_standing ON false_positives (list, item_id) WHERE state IN ('open', 'accepted');
CREATE INDEX false_positives_by_time ON false_positives (opened_at DESC, false_positive_id);
CREATE INDEX false_positives_by_list ON false_positives (list, state);
GRANT SELECT, INSERT, UPDATE (state, changed_by, changed_at, mac) ON false_positives TO nightlight_app;

-- Keyed digests of the entries in question and of the item that they matched.
CREATE TABLE false_positive_entries (
  false_positive_id text NOT NULL REFERENCES false_positives,
  entry_key text NOT NULL,
  item_key text NOT NULL,
  mac text NOT NULL,
  PRIMARY KEY (false_positive_id, entry_key)
);
CREATE INDEX false_positive_entries_by_item ON false_positive_entries (item_key);
GRANT SELECT, INSERT, UPDATE (mac) ON false_positive_entries TO nightlight_app;

-- Policies: versions, when each was active, and what each came to in trials and in shadow.

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
  mac text NOT NULL,
  CHECK (state NOT IN ('active', 'retired') OR activated_at IS NOT NULL)
);
CREATE UNIQUE INDEX policies_active ON policies (state) WHERE state = 'active';
CREATE UNIQUE INDEX policies_in_shadow ON policies (state) WHERE state = 'shadow';
-- A version's words never change: what decided yesterday can be read today.
GRANT SELECT, INSERT, UPDATE (state, activated_at, mac) ON policies TO nightlight_app;

-- Nothing in it is ever changed, so that what decided when cannot be denied.
CREATE TABLE policy_activations (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest text NOT NULL REFERENCES policies,
  replaced text REFERENCES policies,
  how text NOT NULL CHECK (how IN ('first', 'activated', 'rolled-back')),
  approval_id text,
  requested_by text,
  approved_by text,
  at timestamptz NOT NULL,
  mac text NOT NULL,
  CHECK ((how = 'first') = (approval_id IS NULL)),
  CHECK ((approval_id IS NULL) = (requested_by IS NULL) AND (approval_id IS NULL) = (approved_by IS NULL)),
  CHECK (approved_by <> requested_by)
);
CREATE INDEX policy_activations_of ON policy_activations (digest, seq);
GRANT SELECT, INSERT, UPDATE (mac) ON policy_activations TO nightlight_app;

CREATE TABLE policy_trials (
  trial_id text PRIMARY KEY,
  digest text NOT NULL REFERENCES policies,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  period_from timestamptz NOT NULL,
  period_to timestamptz NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  ended_at timestamptz,
  total integer NOT NULL,
  -- Counts, rules' names and ids of items.
  tally jsonb NOT NULL,
  CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX policy_trials_of ON policy_trials (digest, requested_at);
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

-- Answers to repeated screenings.
CREATE TABLE screen_answers (
  key_id text NOT NULL,
  repeat_key text NOT NULL,
  request_digest text NOT NULL,
  decision text NOT NULL,
  answered_at timestamptz NOT NULL,
  PRIMARY KEY (key_id, repeat_key)
);
CREATE INDEX screen_answers_by_age ON screen_answers (answered_at);
GRANT SELECT, INSERT, DELETE ON screen_answers TO nightlight_app;
