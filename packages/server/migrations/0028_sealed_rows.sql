-- Rows that give power carry a code over their content and id, made under a key that is not in the database. Nobody can
-- say of rows from before that they are what was written: a database that holds any is refused.
DO $$
BEGIN
  IF EXISTS (SELECT FROM events) OR EXISTS (SELECT FROM people) OR EXISTS (SELECT FROM cases) THEN
    RAISE EXCEPTION 'rows without codes' USING ERRCODE = 'NL028';
  END IF;
END
$$;

ALTER TABLE events ADD COLUMN mac text NOT NULL;
ALTER TABLE sessions ADD COLUMN mac text NOT NULL;
ALTER TABLE service_keys ADD COLUMN mac text NOT NULL;
ALTER TABLE people ADD COLUMN mac text NOT NULL;
ALTER TABLE person_roles ADD COLUMN mac text NOT NULL;
ALTER TABLE person_ties ADD COLUMN mac text NOT NULL;
-- Which one it is: the log names it, so that one from before does not come back.
ALTER TABLE credentials ADD COLUMN id text NOT NULL, ADD COLUMN mac text NOT NULL;
ALTER TABLE identities ADD COLUMN id text NOT NULL, ADD COLUMN mac text NOT NULL;
ALTER TABLE sign_in_links ADD COLUMN mac text NOT NULL;
-- Its row was made without a key: it has no code until set-up begins.
ALTER TABLE setup ADD COLUMN mac text NOT NULL DEFAULT '';
ALTER TABLE break_glass ADD COLUMN mac text NOT NULL;
ALTER TABLE sources ADD COLUMN mac text NOT NULL;
ALTER TABLE acts ADD COLUMN mac text NOT NULL;
ALTER TABLE preservations ADD COLUMN mac text NOT NULL;
ALTER TABLE holds ADD COLUMN mac text NOT NULL;
ALTER TABLE le_requests ADD COLUMN mac text NOT NULL;
ALTER TABLE le_request_cases ADD COLUMN mac text NOT NULL;
ALTER TABLE original_requests ADD COLUMN mac text NOT NULL;
ALTER TABLE standings ADD COLUMN mac text NOT NULL;
ALTER TABLE policies ADD COLUMN mac text NOT NULL;
ALTER TABLE policy_activations ADD COLUMN mac text NOT NULL;
ALTER TABLE live_indexes ADD COLUMN mac text NOT NULL;
ALTER TABLE disputes ADD COLUMN mac text NOT NULL;
ALTER TABLE disputed_entries ADD COLUMN mac text NOT NULL;
GRANT UPDATE (mac) ON preservations, holds, le_requests, le_request_cases, original_requests, standings, policies,
  policy_activations, live_indexes, disputes, disputed_entries TO nightlight_app;
GRANT UPDATE (mac) ON sessions, service_keys, people, person_roles, person_ties, credentials, identities, sign_in_links,
  setup, break_glass, sources, acts TO nightlight_app;
GRANT UPDATE (id) ON credentials TO nightlight_app;

-- Of a tie the code alone may be made anew, with another key.
DROP TRIGGER person_ties_append_only ON person_ties;
CREATE TRIGGER person_ties_append_only BEFORE UPDATE OF by_id, person_id, kind, at OR DELETE ON person_ties
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER person_ties_not_emptied BEFORE TRUNCATE ON person_ties
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the log says of who may do what: read beside the rows wherever they are used.
CREATE INDEX events_of_power ON events (subject, type, seq) WHERE type IN (
  'session.ended', 'person.deactivated', 'role.granted', 'role.removed', 'credentials.set', 'credentials.reset',
  'credentials.password-changed', 'key.revoked', 'source.revoked', 'act.seconded', 'act.declined', 'act.expired',
  'break-glass.opened', 'break-glass.cancelled', 'link.made', 'link.opened',
  'preservation.locked', 'preservation.extended', 'preservation.kept-again', 'hold.placed', 'hold.lifted',
  'evidence.destruction-ordered', 'evidence.destroyed', 'automation.switched-off', 'list.false-positive-ended',
  'request.closed', 'original.proven', 'original.declined', 'original.withdrawn', 'filing.paused', 'filing.resumed'
);

-- Columns in use, where whole rows could be changed.
REVOKE UPDATE ON preservations, holds, le_requests, case_keys, sign_in_links FROM nightlight_app;
GRANT UPDATE (
  case_id, state, locked_until, report_id, destroy_after, destroy_by, certificate_id, destroyed_at, changed_at, mac
) ON preservations TO nightlight_app;
GRANT UPDATE (lifted_by, lifted_at, mac) ON holds TO nightlight_app;
GRANT UPDATE (state, closed_by, closed_at, mac) ON le_requests TO nightlight_app;
GRANT UPDATE (wrapped, destroyed_at) ON case_keys TO nightlight_app;
GRANT UPDATE (stage, token_sha256, draft, expires_at, mac) ON sign_in_links TO nightlight_app;
