-- The log: append-only, hash-chained; ids and codes alone. Takes no lock on anything that exists.
CREATE TABLE events (
  seq bigint PRIMARY KEY,
  at text NOT NULL,
  type text NOT NULL,
  actor text NOT NULL,
  line text NOT NULL,
  hash text NOT NULL UNIQUE,
  subject text GENERATED ALWAYS AS ((line::jsonb -> 'data') ->> 'subject') STORED
);
CREATE INDEX events_by_subject ON events (subject, seq) WHERE subject IS NOT NULL;
CREATE INDEX events_by_type ON events (type, seq);

CREATE TABLE event_checkpoints (
  seq bigint PRIMARY KEY,
  line text NOT NULL
);

GRANT SELECT, INSERT ON events, event_checkpoints TO nightlight_app;

-- Nobody changes what was written, the owner included, short of dropping the trigger: which a checkpoint shows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
