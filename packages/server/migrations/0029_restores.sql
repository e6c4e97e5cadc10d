-- How far the custodian was told of what a restored database must not forget: number and hash of the last such event.
-- It goes back with the log that it speaks of. A new table alone: takes no lock on anything that exists.
CREATE TABLE notices_told (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL DEFAULT 0,
  hash text
);
INSERT INTO notices_told DEFAULT VALUES;
GRANT SELECT ON notices_told TO nightlight_app;
GRANT UPDATE (seq, hash) ON notices_told TO nightlight_app;
