-- Staff, how they sign in, keys of services, alarms. New tables alone: takes no lock on anything that exists.

CREATE TABLE people (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  joined_at timestamptz,
  deactivated_at timestamptz,
  trained_at timestamptz,
  renews_at timestamptz,
  custody_key_at timestamptz,
  CHECK ((trained_at IS NULL) = (renews_at IS NULL))
);
-- Who is deactivated stays so; the same person may be invited anew, as somebody else.
CREATE UNIQUE INDEX people_by_email ON people (email) WHERE deactivated_at IS NULL;

CREATE TABLE person_roles (
  person_id text NOT NULL REFERENCES people (id),
  role text NOT NULL,
  granted_at timestamptz NOT NULL,
  asked_by text NOT NULL,
  seconded_by text NOT NULL,
  PRIMARY KEY (person_id, role)
);

-- Who made, granted or reset whom: such two never count as two people. Nothing is ever taken out.
CREATE TABLE person_ties (
  by_id text NOT NULL,
  person_id text NOT NULL REFERENCES people (id),
  kind text NOT NULL CHECK (kind IN ('made', 'granted', 'reset')),
  at timestamptz NOT NULL
);
CREATE INDEX person_ties_by_pair ON person_ties (by_id, person_id);
CREATE TRIGGER person_ties_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person_ties
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One row: how far set-up has come. Locked by whoever takes a step of it.
CREATE TABLE setup (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  first_id text REFERENCES people (id),
  second_id text REFERENCES people (id),
  complete_at timestamptz
);
INSERT INTO setup DEFAULT VALUES;

CREATE TABLE sign_in_links (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('setup', 'invitation', 'reset')),
  person_id text REFERENCES people (id),
  stage text NOT NULL CHECK (stage IN ('sent', 'opened', 'done', 'void')),
  token_sha256 text NOT NULL UNIQUE,
  draft bytea,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_links_by_person ON sign_in_links (person_id);

CREATE TABLE credentials (
  person_id text PRIMARY KEY REFERENCES people (id),
  password text NOT NULL,
  totp bytea NOT NULL,
  totp_last_step bigint NOT NULL,
  set_at timestamptz NOT NULL
);

CREATE TABLE identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  person_id text NOT NULL UNIQUE REFERENCES people (id),
  bound_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);

CREATE TABLE sessions (
  id text PRIMARY KEY,
  token_sha256 text NOT NULL UNIQUE,
  person_id text NOT NULL REFERENCES people (id),
  method text NOT NULL CHECK (method IN ('local', 'oidc')),
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  proved_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX sessions_by_person ON sessions (person_id) WHERE ended_at IS NULL;

CREATE TABLE sign_in_throttles (
  key text PRIMARY KEY,
  attempts integer NOT NULL,
  blocked_until timestamptz NOT NULL,
  last_at timestamptz NOT NULL
);

CREATE TABLE break_glass (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('reset', 'administrator')),
  person_id text REFERENCES people (id),
  name text,
  email text,
  asked_at timestamptz NOT NULL,
  opens_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'cancelled', 'done')),
  decided_at timestamptz,
  decided_by text
);

CREATE TABLE service_keys (
  id text PRIMARY KEY,
  name text NOT NULL,
  token_sha256 text NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  source text,
  made_by text NOT NULL REFERENCES people (id),
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  used_at timestamptz
);

CREATE TABLE alarms (
  id text PRIMARY KEY,
  code text NOT NULL,
  subject text NOT NULL,
  data jsonb NOT NULL,
  raised_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  times integer NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text
);
CREATE UNIQUE INDEX alarms_open ON alarms (code, subject) WHERE acknowledged_at IS NULL;
CREATE INDEX alarms_by_time ON alarms (raised_at);

GRANT SELECT, INSERT ON people, person_roles, person_ties, sign_in_links, credentials, identities, sessions,
  sign_in_throttles, break_glass, service_keys, alarms TO nightlight_app;
GRANT UPDATE (joined_at, deactivated_at, trained_at, renews_at, custody_key_at) ON people TO nightlight_app;
GRANT DELETE ON person_roles TO nightlight_app;
GRANT SELECT ON setup TO nightlight_app;
GRANT UPDATE (first_id, second_id, complete_at) ON setup TO nightlight_app;
GRANT UPDATE (stage, token_sha256, draft, expires_at, person_id), DELETE ON sign_in_links TO nightlight_app;
GRANT UPDATE (password, totp, totp_last_step, set_at), DELETE ON credentials TO nightlight_app;
GRANT DELETE ON identities TO nightlight_app;
GRANT UPDATE (seen_at, proved_at, ended_at), DELETE ON sessions TO nightlight_app;
GRANT UPDATE, DELETE ON sign_in_throttles TO nightlight_app;
GRANT UPDATE (state, decided_at, decided_by) ON break_glass TO nightlight_app;
GRANT UPDATE (revoked_at, used_at) ON service_keys TO nightlight_app;
GRANT UPDATE (last_at, times, acknowledged_at, acknowledged_by) ON alarms TO nightlight_app;
