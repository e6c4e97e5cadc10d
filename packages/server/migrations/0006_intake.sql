-- Sources, what they pushed, answers to repeated screenings, and the newest index that was ever live. Takes no lock on
-- anything that exists.
CREATE TABLE sources (
  source_id text PRIMARY KEY,
  name text NOT NULL,
  key_id text NOT NULL,
  public_key text NOT NULL,
  names_accounts boolean NOT NULL,
  enrolled_by text NOT NULL,
  enrolled_at timestamptz NOT NULL,
  revoked_at timestamptz
);
-- A key speaks for one source at a time: what it signed can be taken for nobody else's.
CREATE UNIQUE INDEX sources_by_live_key ON sources (key_id) WHERE revoked_at IS NULL;
GRANT SELECT, INSERT ON sources TO nightlight_app;
GRANT UPDATE (revoked_at) ON sources TO nightlight_app;

CREATE TABLE received_findings (
  record_id text PRIMARY KEY,
  source_id text NOT NULL,
  finding_id text NOT NULL,
  scan_key text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('dataset', 'account', 'direct')),
  account_key text,
  decision text NOT NULL,
  claims_match boolean NOT NULL,
  evidence_id text,
  ciphertext_sha256 text,
  replaces text,
  content boolean,
  evidence_at timestamptz,
  document bytea,
  notes text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'taken', 'denied', 'refused', 'kept')),
  code text,
  tried_at timestamptz,
  index_version integer,
  received_at timestamptz NOT NULL,
  settled_at timestamptz,
  case_id text,
  find_id text,
  test_only boolean,
  UNIQUE (source_id, finding_id),
  CHECK ((evidence_id IS NULL) = (ciphertext_sha256 IS NULL)),
  CHECK ((origin = 'account') = (account_key IS NOT NULL))
);
CREATE INDEX received_findings_by_scan ON received_findings (source_id, scan_key, finding_id);
CREATE INDEX received_findings_by_evidence ON received_findings (source_id, evidence_id);
CREATE INDEX received_findings_by_state ON received_findings (state, record_id);
CREATE INDEX received_findings_waiting ON received_findings (tried_at) WHERE state = 'waiting' AND evidence_at IS NOT NULL;
GRANT SELECT, INSERT ON received_findings TO nightlight_app;
GRANT UPDATE (
  evidence_id, ciphertext_sha256, replaces, content, evidence_at, document, state, code, tried_at, index_version,
  settled_at, case_id, find_id, test_only
) ON received_findings TO nightlight_app;

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

-- Grows by one row with each change of a list; nothing in it is ever changed, so that what was live cannot be denied.
CREATE TABLE live_indexes (
  version integer PRIMARY KEY,
  live_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON live_indexes TO nightlight_app;
