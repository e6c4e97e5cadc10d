-- Codes that a person is told by the host, without which no invitation and no reset opens. A new table alone.
CREATE TABLE joining_codes (
  person_id text PRIMARY KEY REFERENCES people (id),
  -- Digest of the code and until when it is good: sealed under the installation's key, so that no row made here opens.
  sealed bytea NOT NULL,
  wrong_tries integer NOT NULL DEFAULT 0,
  made_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON joining_codes TO nightlight_app;
GRANT UPDATE (sealed, wrong_tries, made_at) ON joining_codes TO nightlight_app;

-- Ties of a while ago are read of everybody: somebody may have invited or reset both of two.
CREATE INDEX person_ties_by_time ON person_ties (at);
