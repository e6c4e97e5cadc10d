-- Passkeys to sign in with. Those that sign grants stand in the custodian's own enrolments.
CREATE TABLE passkeys (
  credential_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES people (id),
  public_key text NOT NULL,
  name text NOT NULL,
  -- Of the last signature; 0 of an authenticator that does not count.
  counter bigint NOT NULL,
  made_at timestamptz NOT NULL,
  used_at timestamptz,
  mac text NOT NULL
);
CREATE INDEX passkeys_by_person ON passkeys (person_id);

-- Challenges that were answered: each is good once.
CREATE TABLE passkey_challenges (
  nonce_sha256 text PRIMARY KEY,
  used_at timestamptz NOT NULL
);

-- A passkey that was removed or reset, and put back with its code, is none: the log says so.
DROP INDEX events_of_power;
CREATE INDEX events_of_power ON events (subject, type, seq) WHERE type IN (
  'session.ended', 'person.deactivated', 'role.granted', 'role.removed', 'credentials.set', 'credentials.reset',
  'credentials.password-changed', 'passkey.added', 'passkey.removed', 'key.revoked', 'source.revoked', 'act.seconded',
  'act.declined', 'act.expired', 'break-glass.opened', 'break-glass.cancelled', 'link.made', 'link.opened'
);

ALTER TABLE sessions DROP CONSTRAINT sessions_method_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_method_check CHECK (method IN ('local', 'oidc', 'passkey'));

GRANT SELECT, INSERT, DELETE ON passkeys TO nightlight_app;
GRANT UPDATE (name, counter, used_at, mac) ON passkeys TO nightlight_app;
GRANT SELECT, INSERT, DELETE ON passkey_challenges TO nightlight_app;
