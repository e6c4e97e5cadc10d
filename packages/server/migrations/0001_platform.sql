-- The log and what the whole service stands on.
--
-- In every table with a `mac`, a row gives somebody power or takes it away. The code is made over the row's content and id,
-- under a key that is not in the database: whoever can write to the database alone cannot make such a row.

-- Nobody changes what was written, the owner included, short of dropping the trigger: which a checkpoint shows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- The log: append-only, hash-chained; ids and codes alone.
CREATE TABLE events (
  seq bigint PRIMARY KEY,
  at text NOT NULL,
  type text NOT NULL,
  actor text NOT NULL,
  line text NOT NULL,
  hash text NOT NULL UNIQUE,
  subject text GENERATED ALWAYS AS ((line::jsonb -> 'data') ->> 'subject') STORED,
  mac text NOT NULL
);
CREATE INDEX events_by_subject ON events (subject, seq) WHERE subject IS NOT NULL;
CREATE INDEX events_by_type ON events (type, seq);
CREATE INDEX events_by_actor ON events (actor, type, seq);
-- Counts over time are made from the log alone.
CREATE INDEX events_by_type_at ON events (type, at);
-- How a case or a report began and ended, by its id.
CREATE INDEX events_ends ON events (subject, type)
  WHERE type IN ('case.opened', 'case.decided', 'case.decided-automatically', 'case.knowledge-recorded', 'report.drafted');
-- Decisions that a second person took part in: few, and what agreement is counted from.
CREATE INDEX events_second_reviewed ON events (at)
  WHERE type = 'case.decided' AND line::jsonb -> 'data' ->> 'secondReview' <> 'none';
-- What the log says of who may do what is read beside the rows wherever they are used: it wins over a row that was put
-- back from an earlier time with its code.
CREATE INDEX events_of_power ON events (subject, type, seq) WHERE type IN (
  'session.ended', 'sessions.ended-all', 'person.deactivated', 'role.granted', 'role.removed', 'credentials.set',
  'credentials.reset', 'credentials.password-changed', 'passkey.added', 'passkey.removed', 'key.revoked',
  'key.rotated', 'source.revoked', 'source.rotated', 'approval.approved', 'approval.declined', 'approval.expired',
  'break-glass.opened', 'break-glass.cancelled', 'link.made', 'link.opened', 'preservation.locked',
  'preservation.extended', 'preservation.clearing-cancelled', 'hold.placed', 'hold.lifted',
  'evidence.destruction-ordered', 'evidence.destroyed', 'automation.switched-off', 'list.false-positive-ended',
  'request.closed', 'original.proven', 'original.declined', 'original.withdrawn', 'filing.paused', 'filing.resumed'
);
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON events TO nightlight_app;

CREATE TABLE event_checkpoints (
  -- How many restarts came before. Checkpoints go on after a restart from an event that may stand before the last one
  -- signed, so that numbers of events come again.
  restarts integer NOT NULL DEFAULT 0 CHECK (restarts >= 0),
  seq bigint NOT NULL,
  line text NOT NULL,
  PRIMARY KEY (restarts, seq)
);
CREATE TRIGGER event_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON event_checkpoints TO nightlight_app;

-- Restarts that people signed. The custodian checks each signature itself: a row made here lets nobody do anything.
CREATE TABLE checkpoint_restarts (
  restart_id text PRIMARY KEY,
  document jsonb NOT NULL,
  proof jsonb NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE TRIGGER checkpoint_restarts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_restarts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON checkpoint_restarts TO nightlight_app;

-- How far checkpoints were copied to each place outside, and what is wrong with the place if anything is.
CREATE TABLE checkpoint_copies (
  -- The place as the configuration names it: no secret.
  place text PRIMARY KEY,
  restarts integer NOT NULL DEFAULT 0,
  seq bigint NOT NULL DEFAULT 0,
  copied_at timestamptz,
  failing_since timestamptz,
  failures integer NOT NULL DEFAULT 0,
  fault text,
  next_try_at timestamptz
);
GRANT SELECT, INSERT ON checkpoint_copies TO nightlight_app;
GRANT UPDATE (restarts, seq, copied_at, failing_since, failures, fault, next_try_at) ON checkpoint_copies
  TO nightlight_app;

-- What another witness answered, signed with its own key.
CREATE TABLE checkpoint_receipts (
  place text NOT NULL,
  restarts integer NOT NULL,
  seq bigint NOT NULL,
  receipt text NOT NULL,
  PRIMARY KEY (place, restarts, seq)
);
CREATE TRIGGER checkpoint_receipts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_receipts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON checkpoint_receipts TO nightlight_app;

-- One key for each case: destroying the key destroys what was said of the case.
CREATE TABLE case_keys (
  case_id text PRIMARY KEY,
  wrapped bytea,
  destroyed_at timestamptz,
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
GRANT SELECT, INSERT, UPDATE (wrapped, destroyed_at) ON case_keys TO nightlight_app;

-- Whether the database's disk has room: a table is written and thrown away. The service's role makes no tables itself.
CREATE FUNCTION assert_disk_space() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TEMPORARY TABLE disk_probe ON COMMIT DROP AS SELECT repeat('.', 1900) AS filler FROM generate_series(1, 512);
END
$$;
REVOKE ALL ON FUNCTION assert_disk_space() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assert_disk_space() TO nightlight_app;
