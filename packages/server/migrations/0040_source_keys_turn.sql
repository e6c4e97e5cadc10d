-- Public keys that were a source's own before another one took their place: what they sign is refused and reported.
ALTER TABLE sources ADD COLUMN replaced_keys text[];
GRANT UPDATE (key_id, public_key, replaced_keys) ON sources TO nightlight_app;

-- What the log says wins over a row that was put back from before: also which key a source has.
DROP INDEX events_of_power;
CREATE INDEX events_of_power ON events (subject, type, seq) WHERE type IN (
  'session.ended', 'sessions.ended-all', 'person.deactivated', 'role.granted', 'role.removed', 'credentials.set',
  'credentials.reset', 'credentials.password-changed', 'passkey.added', 'passkey.removed', 'key.revoked',
  'key.rotated', 'source.revoked', 'source.rotated', 'act.seconded', 'act.declined', 'act.expired',
  'break-glass.opened', 'break-glass.cancelled', 'link.made', 'link.opened', 'preservation.locked',
  'preservation.extended', 'preservation.kept-again', 'hold.placed', 'hold.lifted',
  'evidence.destruction-ordered', 'evidence.destroyed', 'automation.switched-off', 'list.false-positive-ended',
  'request.closed', 'original.proven', 'original.declined', 'original.withdrawn', 'filing.paused', 'filing.resumed'
);
