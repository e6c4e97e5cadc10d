-- What the people who run the installation see and set.

-- What a machine could not do and a person must: ids and codes alone.
CREATE TABLE tasks (
  id text PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  code text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  closed_by text,
  outcome text,
  CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX tasks_by_subject ON tasks (kind, subject);
CREATE INDEX tasks_open ON tasks (opened_at) WHERE closed_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON tasks TO nightlight_app;

-- Switches of the installation. `filing-paused`: no report's filing begins.
CREATE TABLE operations (
  name text PRIMARY KEY,
  since timestamptz NOT NULL,
  by text NOT NULL
);
GRANT SELECT, INSERT, DELETE ON operations TO nightlight_app;

-- How far the custodian was told of what a restored database must not forget: number and hash of the last such event. It
-- goes back with the log that it speaks of.
CREATE TABLE sent_notices (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL DEFAULT 0,
  hash text
);
INSERT INTO sent_notices DEFAULT VALUES;
GRANT SELECT, UPDATE (seq, hash) ON sent_notices TO nightlight_app;
