-- One key a case; destroying the key destroys what was said of the case.
CREATE TABLE case_keys (
  case_id text PRIMARY KEY,
  wrapped bytea,
  destroyed_at timestamptz,
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
GRANT SELECT, INSERT, UPDATE ON case_keys TO nightlight_app;
