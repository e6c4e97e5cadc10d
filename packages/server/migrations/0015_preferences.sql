-- What people set for themselves. A new table alone: takes no lock on anything that exists.
CREATE TABLE preferences (
  person_id text PRIMARY KEY REFERENCES people (id),
  tour_done boolean NOT NULL DEFAULT false,
  theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
  -- How they look, as they set it: all or none. The organisation's floor is applied when it is read.
  size_px integer,
  blur_px integer,
  hide_after_seconds integer,
  CHECK ((size_px IS NULL) = (blur_px IS NULL) AND (size_px IS NULL) = (hide_after_seconds IS NULL))
);

GRANT SELECT, INSERT, UPDATE ON preferences TO nightlight_app;
