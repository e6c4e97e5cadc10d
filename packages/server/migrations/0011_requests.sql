-- The desk for law enforcement: who asked for what, what was answered, what left.
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
  closed_at timestamptz
);
CREATE INDEX le_requests_by_state ON le_requests (state, opened_at, request_id);

CREATE TABLE le_request_cases (
  request_id text NOT NULL REFERENCES le_requests (request_id),
  case_id text NOT NULL,
  linked_by text NOT NULL,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (request_id, case_id)
);
CREATE INDEX le_request_cases_by_case ON le_request_cases (case_id);

-- What left, to whom, by whom: never changed.
CREATE TABLE disclosures (
  disclosure_id text PRIMARY KEY,
  request_id text NOT NULL REFERENCES le_requests (request_id),
  case_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('custody-record', 'content', 'records')),
  act_id text NOT NULL,
  asked_by text NOT NULL,
  seconded_by text NOT NULL,
  document_sha256 text,
  disclosed_at timestamptz NOT NULL
);
CREATE INDEX disclosures_by_request ON disclosures (request_id, disclosed_at);

GRANT SELECT, INSERT, UPDATE ON le_requests TO nightlight_app;
GRANT SELECT, INSERT ON le_request_cases, disclosures TO nightlight_app;
