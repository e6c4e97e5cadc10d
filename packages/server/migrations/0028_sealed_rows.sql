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
GRANT UPDATE (mac) ON sessions, service_keys TO nightlight_app;
