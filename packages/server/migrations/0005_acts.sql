-- Acts that take two people. A new table alone: takes no lock on anything that exists.
CREATE TABLE acts (
  id text PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'declined', 'expired')),
  asked_by text NOT NULL REFERENCES people (id),
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  CHECK ((state = 'waiting') = (decided_at IS NULL)),
  CHECK (state <> 'done' OR decided_by <> asked_by)
);
CREATE INDEX acts_waiting ON acts (expires_at) WHERE state = 'waiting';
-- The same thing waits once: a second asking names the first.
CREATE UNIQUE INDEX acts_once ON acts (kind, subject, md5(payload::text)) WHERE state = 'waiting';

GRANT SELECT, INSERT ON acts TO nightlight_app;
GRANT UPDATE (state, decided_by, decided_at) ON acts TO nightlight_app;
