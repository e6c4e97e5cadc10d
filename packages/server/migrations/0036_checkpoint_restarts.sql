-- Checkpoints go on after a restart from an event that may stand before the last one signed: numbers come again.
ALTER TABLE event_checkpoints ADD COLUMN restarts integer NOT NULL DEFAULT 0 CHECK (restarts >= 0);
ALTER TABLE event_checkpoints DROP CONSTRAINT event_checkpoints_pkey;
ALTER TABLE event_checkpoints ADD PRIMARY KEY (restarts, seq);

-- Restarts that people signed. The custodian checks each signature itself: a row made here lets nobody do anything.
CREATE TABLE checkpoint_restarts (
  restart_id text PRIMARY KEY,
  document jsonb NOT NULL,
  proof jsonb NOT NULL,
  made_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON checkpoint_restarts TO nightlight_app;
CREATE TRIGGER checkpoint_restarts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_restarts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
GRANT SELECT, INSERT ON checkpoint_receipts TO nightlight_app;
CREATE TRIGGER checkpoint_receipts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_receipts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
