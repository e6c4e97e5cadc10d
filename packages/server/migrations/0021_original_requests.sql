-- Requests for an original that a second person proves too. New tables alone: takes no lock on anything that exists.
CREATE TABLE original_requests (
  id text PRIMARY KEY,
  case_id text NOT NULL REFERENCES cases,
  find_id text NOT NULL REFERENCES finds,
  state text NOT NULL CHECK (state IN ('waiting', 'proven', 'declined', 'withdrawn')),
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Ids, digests and public keys, as the custodian reads it.
  grant_id text NOT NULL UNIQUE,
  grant_json jsonb NOT NULL,
  first_signature text NOT NULL,
  second_signature text,
  decided_by text,
  decided_at timestamptz,
  CHECK ((state = 'proven') = (second_signature IS NOT NULL)),
  CHECK ((state = 'waiting') = (decided_at IS NULL)),
  CHECK (state <> 'proven' OR decided_by <> asked_by)
);
CREATE INDEX original_requests_live ON original_requests (expires_at);

GRANT SELECT, INSERT ON original_requests TO nightlight_app;
GRANT UPDATE (state, second_signature, decided_by, decided_at) ON original_requests TO nightlight_app;
