-- One set of limits holds for everybody: a daily budget and breaks.
ALTER TABLE exposure_people DROP COLUMN last_look_case, DROP COLUMN consecutive;
DROP TABLE exposure_limits;
CREATE TABLE exposure_limits (
  -- There is one row.
  id smallint PRIMARY KEY CHECK (id = 1),
  limits jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON exposure_limits TO nightlight_app;

-- Categories of hash lists whose cases a person chose not to be given.
ALTER TABLE preferences ADD COLUMN opt_out_categories text[] NOT NULL DEFAULT '{}';
