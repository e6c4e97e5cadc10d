-- A service's key that another one takes the place of, and until when both are taken.
ALTER TABLE service_keys
  ADD COLUMN replaced_by text REFERENCES service_keys (id),
  ADD COLUMN overlap_ends_at timestamptz,
  ADD CHECK ((replaced_by IS NULL) = (overlap_ends_at IS NULL));
GRANT UPDATE (replaced_by, overlap_ends_at) ON service_keys TO nightlight_app;

-- What the log says wins over a row that was put back from before: also that another key takes its place.
DROP INDEX events_of_power;
CREATE INDEX events_of_power ON events (subject, type, seq) WHERE type IN (
  'session.ended', 'person.deactivated', 'role.granted', 'role.removed', 'credentials.set', 'credentials.reset',
  'credentials.password-changed', 'key.revoked', 'key.rotated', 'source.revoked', 'act.seconded', 'act.declined',
  'act.expired', 'passkey.added', 'passkey.removed', 'break-glass.opened', 'break-glass.cancelled', 'link.made',
  'link.opened'
);
