-- Staff: who they are, how they sign in, what they approve, and what calls them.

CREATE TABLE people (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  joined_at timestamptz,
  trained_at timestamptz,
  renews_at timestamptz,
  custody_key_at timestamptz,
  deactivated_at timestamptz,
  mac text NOT NULL,
  CHECK ((trained_at IS NULL) = (renews_at IS NULL))
);
-- Who is deactivated stays so; the same person may be invited anew, as somebody else.
CREATE UNIQUE INDEX people_by_email ON people (email) WHERE deactivated_at IS NULL;
GRANT SELECT, INSERT ON people TO nightlight_app;
GRANT UPDATE (joined_at, trained_at, renews_at, custody_key_at, deactivated_at, mac) ON people TO nightlight_app;

CREATE TABLE person_roles (
  person_id text NOT NULL REFERENCES people (id),
  role text NOT NULL,
  granted_at timestamptz NOT NULL,
  requested_by text NOT NULL,
  approved_by text NOT NULL,
  mac text NOT NULL,
  PRIMARY KEY (person_id, role)
);
GRANT SELECT, INSERT, DELETE, UPDATE (mac) ON person_roles TO nightlight_app;

-- Who made, granted or reset whom: such two never count as two people. Nothing is ever taken out, and the code alone may
-- be made anew, with another key.
CREATE TABLE person_relations (
  by_id text NOT NULL,
  person_id text NOT NULL REFERENCES people (id),
  kind text NOT NULL CHECK (kind IN ('made', 'granted', 'reset')),
  at timestamptz NOT NULL,
  mac text NOT NULL
);
CREATE INDEX person_relations_by_pair ON person_relations (by_id, person_id);
-- Recent relations are read of everybody: one person may have invited or reset both of two.
CREATE INDEX person_relations_by_time ON person_relations (at);
CREATE TRIGGER person_relations_append_only BEFORE UPDATE OF by_id, person_id, kind, at OR DELETE ON person_relations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER person_relations_not_emptied BEFORE TRUNCATE ON person_relations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT, UPDATE (mac) ON person_relations TO nightlight_app;

CREATE TABLE preferences (
  person_id text PRIMARY KEY REFERENCES people (id),
  tour_done boolean NOT NULL DEFAULT false,
  theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
  -- How items are shown to them, as they set it: all or none. The organisation's floor is applied when it is read.
  size_px integer,
  blur_px integer,
  hide_after_seconds integer,
  -- Categories of hash lists whose cases the person chose not to be given.
  opt_out_categories text[] NOT NULL DEFAULT '{}',
  CHECK ((size_px IS NULL) = (blur_px IS NULL) AND (size_px IS NULL) = (hide_after_seconds IS NULL))
);
GRANT SELECT, INSERT, UPDATE ON preferences TO nightlight_app;

-- How people come in: set-up, links, codes, break-glass.

-- One row: how far set-up has come. Whoever takes a step of it locks the row.
CREATE TABLE setup (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  first_id text REFERENCES people (id),
  second_id text REFERENCES people (id),
  complete_at timestamptz,
  -- Empty until set-up begins: the row is made here, without a key.
  mac text NOT NULL DEFAULT ''
);
INSERT INTO setup DEFAULT VALUES;
GRANT SELECT ON setup TO nightlight_app;
GRANT UPDATE (first_id, second_id, complete_at, mac) ON setup TO nightlight_app;

CREATE TABLE sign_in_links (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('setup', 'invitation', 'reset')),
  person_id text REFERENCES people (id),
  stage text NOT NULL CHECK (stage IN ('sent', 'opened', 'done', 'void')),
  token_sha256 text NOT NULL UNIQUE,
  draft bytea,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  mac text NOT NULL
);
CREATE INDEX sign_in_links_by_person ON sign_in_links (person_id);
GRANT SELECT, INSERT, DELETE ON sign_in_links TO nightlight_app;
GRANT UPDATE (stage, token_sha256, draft, expires_at, mac) ON sign_in_links TO nightlight_app;

-- Codes that the host tells a person: without the code no invitation and no reset opens. How often a code was tried is
-- counted from the log, where nobody takes a try back.
CREATE TABLE joining_codes (
  person_id text PRIMARY KEY REFERENCES people (id),
  -- Digest of the code and until when it is good: sealed under the installation's key, so that no row made here opens.
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON joining_codes TO nightlight_app;
GRANT UPDATE (sealed, made_at) ON joining_codes TO nightlight_app;

CREATE TABLE break_glass (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('reset', 'administrator')),
  person_id text REFERENCES people (id),
  name text,
  email text,
  requested_at timestamptz NOT NULL,
  opens_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'cancelled', 'done')),
  decided_by text,
  decided_at timestamptz,
  mac text NOT NULL
);
GRANT SELECT, INSERT ON break_glass TO nightlight_app;
GRANT UPDATE (state, decided_by, decided_at, mac) ON break_glass TO nightlight_app;

-- How people sign in.

CREATE TABLE credentials (
  person_id text PRIMARY KEY REFERENCES people (id),
  -- The log names it, so that an earlier one that is put back does not count.
  id text NOT NULL,
  password text NOT NULL,
  totp bytea NOT NULL,
  totp_last_step bigint NOT NULL,
  set_at timestamptz NOT NULL,
  mac text NOT NULL
);
GRANT SELECT, INSERT, DELETE ON credentials TO nightlight_app;
GRANT UPDATE (id, password, totp, totp_last_step, set_at, mac) ON credentials TO nightlight_app;

-- People of the organisation's own OpenID Connect provider.
CREATE TABLE identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  -- The log names it, so that an earlier one that is put back does not count.
  id text NOT NULL,
  person_id text NOT NULL UNIQUE REFERENCES people (id),
  bound_at timestamptz NOT NULL,
  mac text NOT NULL,
  PRIMARY KEY (issuer, subject)
);
GRANT SELECT, INSERT, DELETE, UPDATE (mac) ON identities TO nightlight_app;

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
GRANT SELECT, INSERT, DELETE ON passkeys TO nightlight_app;
GRANT UPDATE (name, counter, used_at, mac) ON passkeys TO nightlight_app;

-- Challenges that were answered: each is good once.
CREATE TABLE passkey_challenges (
  nonce_sha256 text PRIMARY KEY,
  used_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON passkey_challenges TO nightlight_app;

CREATE TABLE sessions (
  id text PRIMARY KEY,
  token_sha256 text NOT NULL UNIQUE,
  person_id text NOT NULL REFERENCES people (id),
  method text NOT NULL CHECK (method IN ('local', 'oidc', 'passkey')),
  started_at timestamptz NOT NULL,
  -- The last ending of all of the person's sessions that the log held when this one started; null if there was none. A
  -- session from before the newest such ending is over, whatever its own row says.
  after_ending text,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  proved_at timestamptz,
  ended_at timestamptz,
  mac text NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, DELETE ON sessions TO nightlight_app;
GRANT UPDATE (seen_at, proved_at, ended_at, mac) ON sessions TO nightlight_app;

CREATE TABLE sign_in_throttles (
  key text PRIMARY KEY,
  attempts integer NOT NULL,
  blocked_until timestamptz NOT NULL,
  last_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttles TO nightlight_app;

-- Keys of services.

CREATE TABLE service_keys (
  id text PRIMARY KEY,
  name text NOT NULL,
  token_sha256 text NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  source text,
  -- Items that it may have screened in a minute.
  calls_per_minute integer NOT NULL CHECK (calls_per_minute BETWEEN 1 AND 1000000),
  made_by text NOT NULL REFERENCES people (id),
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- The key that takes its place, and until when both are accepted.
  replaced_by text REFERENCES service_keys (id),
  overlap_ends_at timestamptz,
  revoked_at timestamptz,
  used_at timestamptz,
  mac text NOT NULL,
  CHECK ((replaced_by IS NULL) = (overlap_ends_at IS NULL))
);
GRANT SELECT, INSERT ON service_keys TO nightlight_app;
GRANT UPDATE (replaced_by, overlap_ends_at, revoked_at, used_at, mac) ON service_keys TO nightlight_app;

-- What takes two people.

CREATE TABLE approvals (
  id text PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'declined', 'expired')),
  requested_by text NOT NULL REFERENCES people (id),
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  decline_reason text,
  -- What it allows the custodian to do once: ids, digests and times.
  grant_json jsonb,
  -- Signatures of both people under its statement, with the key and the time of each.
  request_proof jsonb,
  approval_proof jsonb,
  mac text NOT NULL,
  CHECK ((state = 'waiting') = (decided_at IS NULL)),
  CHECK (state <> 'done' OR decided_by <> requested_by)
);
CREATE INDEX approvals_waiting ON approvals (expires_at) WHERE state = 'waiting';
-- The same thing waits once: a second request names the first.
CREATE UNIQUE INDEX approvals_once ON approvals (kind, subject, md5(payload::text)) WHERE state = 'waiting';
GRANT SELECT, INSERT ON approvals TO nightlight_app;
GRANT UPDATE (state, decided_by, decided_at, decline_reason, request_proof, approval_proof, mac) ON approvals TO nightlight_app;

-- Public halves of keys that approvals were signed with, as the custodian listed them; each is in the log too.
CREATE TABLE approval_keys (
  person_id text NOT NULL,
  key_id text NOT NULL,
  public_key text NOT NULL,
  pinned_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, key_id)
);
GRANT SELECT, INSERT ON approval_keys TO nightlight_app;

-- What calls people.

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
GRANT SELECT, INSERT ON alarms TO nightlight_app;
GRANT UPDATE (last_at, times, acknowledged_at, acknowledged_by) ON alarms TO nightlight_app;

-- Calls of a person because a child may be in danger now. `none`: no pager was set up, nobody was called.
CREATE TABLE pager_calls (
  call_id text PRIMARY KEY,
  code text NOT NULL,
  subject text NOT NULL,
  state text NOT NULL CHECK (state IN ('none', 'queued', 'failing', 'accepted')),
  at timestamptz NOT NULL,
  tries integer NOT NULL,
  fault text,
  accepted_at timestamptz,
  CHECK ((state = 'accepted') = (accepted_at IS NOT NULL))
);
CREATE INDEX pager_calls_by_subject ON pager_calls (subject, at);
CREATE INDEX pager_calls_by_time ON pager_calls (at);
GRANT SELECT, INSERT, UPDATE ON pager_calls TO nightlight_app;
