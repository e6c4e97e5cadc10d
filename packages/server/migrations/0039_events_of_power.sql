-- The index of the events that give or end power, with every type that the service asks it for.
DROP INDEX events_of_power;
CREATE INDEX events_of_power ON events (subject, type, seq) WHERE type IN (
  'session.ended', 'sessions.ended-all', 'person.deactivated', 'role.granted', 'role.removed', 'credentials.set',
  'credentials.reset', 'credentials.password-changed', 'passkey.added', 'passkey.removed', 'key.revoked',
  'key.rotated', 'source.revoked', 'act.seconded', 'act.declined', 'act.expired', 'break-glass.opened',
  'break-glass.cancelled', 'link.made', 'link.opened', 'preservation.locked', 'preservation.extended',
  'preservation.kept-again', 'hold.placed', 'hold.lifted', 'evidence.destruction-ordered', 'evidence.destroyed',
  'automation.switched-off', 'list.false-positive-ended', 'request.closed', 'original.proven', 'original.declined',
  'original.withdrawn', 'filing.paused', 'filing.resumed'
);
