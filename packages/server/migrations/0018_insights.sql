-- Counts over time are made from the log alone. The indexes are built while nothing else runs: migrations come before
-- the service starts.
CREATE INDEX events_by_type_at ON events (type, at);
-- How a case or a report began and ended, by its id.
CREATE INDEX events_ends ON events (subject, type)
  WHERE type IN ('case.opened', 'case.decided', 'case.decided-automatically', 'case.knowledge-recorded', 'report.drafted');
