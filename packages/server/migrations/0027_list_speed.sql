-- What lists and counts of the server are read from at 100,000 cases.

-- The lists that each case rests on, with the case's place in the queue: one list's cases in order, without sorting.
CREATE TABLE case_lists (
  list text NOT NULL,
  case_id text NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  band smallint NOT NULL,
  sort_at timestamptz NOT NULL,
  decided_at timestamptz,
  PRIMARY KEY (case_id, list)
);
CREATE INDEX case_lists_waiting ON case_lists (list, band, sort_at, case_id) INCLUDE (state, kind)
  WHERE state <> 'decided';
CREATE INDEX case_lists_decided ON case_lists (list, decided_at, case_id) INCLUDE (kind) WHERE state = 'decided';
GRANT SELECT, INSERT, UPDATE, DELETE ON case_lists TO nightlight_app;

CREATE FUNCTION place_new_case_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO case_lists (list, case_id, kind, state, band, sort_at, decided_at)
  SELECT DISTINCT list, case_id, kind, state, band, sort_at, decided_at FROM after_rows, unnest(lists) AS list;
  RETURN NULL;
END
$$;
CREATE FUNCTION place_case_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM case_lists WHERE case_id = OLD.case_id;
    RETURN NULL;
  END IF;
  DELETE FROM case_lists WHERE case_id = NEW.case_id AND list <> ALL (NEW.lists);
  INSERT INTO case_lists (list, case_id, kind, state, band, sort_at, decided_at)
  SELECT DISTINCT list, NEW.case_id, NEW.kind, NEW.state, NEW.band, NEW.sort_at, NEW.decided_at
  FROM unnest(NEW.lists) AS list
  ON CONFLICT (case_id, list) DO UPDATE SET
    kind = excluded.kind, state = excluded.state, band = excluded.band, sort_at = excluded.sort_at,
    decided_at = excluded.decided_at;
  RETURN NULL;
END
$$;
CREATE TRIGGER cases_placed_insert AFTER INSERT ON cases
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION place_new_case_lists();
CREATE TRIGGER cases_placed_update AFTER UPDATE ON cases FOR EACH ROW
  WHEN ((OLD.lists, OLD.kind, OLD.state, OLD.band, OLD.sort_at, OLD.decided_at)
    IS DISTINCT FROM (NEW.lists, NEW.kind, NEW.state, NEW.band, NEW.sort_at, NEW.decided_at))
  EXECUTE FUNCTION place_case_lists();
CREATE TRIGGER cases_placed_delete AFTER DELETE ON cases FOR EACH ROW EXECUTE FUNCTION place_case_lists();
INSERT INTO case_lists (list, case_id, kind, state, band, sort_at, decided_at)
SELECT DISTINCT list, case_id, kind, state, band, sort_at, decided_at FROM cases, unnest(lists) AS list;
-- Nothing else looked cases up by their lists.
DROP INDEX cases_by_list;

-- Received findings by source, state and code, kept as counts of cases are (0025): the key is these three as JSON.
CREATE FUNCTION received_count_key(source_id text, state text, code text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array($1, $2, $3)::text
$$;
CREATE FUNCTION count_received() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO case_counts (name, key, delta)
    SELECT 'received', received_count_key(source_id, state, code), count(*)
    FROM after_rows GROUP BY source_id, state, code;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO case_counts (name, key, delta)
    SELECT 'received', received_count_key(source_id, state, code), -count(*)
    FROM before_rows GROUP BY source_id, state, code;
  ELSE
    INSERT INTO case_counts (name, key, delta)
    SELECT 'received', received_count_key(source_id, state, code), sum(sign)
    FROM (
      SELECT 1 AS sign, source_id, state, code FROM after_rows
      UNION ALL
      SELECT -1, source_id, state, code FROM before_rows
    ) changed
    GROUP BY source_id, state, code HAVING sum(sign) <> 0;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER received_counted_insert AFTER INSERT ON received_findings
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_received();
CREATE TRIGGER received_counted_update AFTER UPDATE ON received_findings
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_received();
CREATE TRIGGER received_counted_delete AFTER DELETE ON received_findings
  REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION count_received();
INSERT INTO case_counts (name, key, delta)
SELECT 'received', received_count_key(source_id, state, code), count(*)
FROM received_findings GROUP BY source_id, state, code;

-- Reports that one person or none filed, until somebody looked through them.
CREATE INDEX reports_to_review ON reports (approved_at)
  WHERE (sole_reason IS NOT NULL OR standing_id IS NOT NULL) AND sole_reviewed_by IS NULL;
-- Disputes of one list, and how many stand where.
CREATE INDEX disputes_by_list ON disputes (list, state);

-- What home screens begin with: cases that were decided as reportable and are not filed, and those flagged as danger.
CREATE INDEX cases_unfiled ON cases (due_at, case_id) WHERE clock_running AND state = 'decided';
CREATE INDEX cases_in_danger ON cases (sort_at, case_id) WHERE danger AND state <> 'decided';

-- Decisions that a second person took part in: few, and what agreement is counted from.
CREATE INDEX events_second_reviewed ON events (at)
  WHERE type = 'case.decided' AND line::jsonb -> 'data' ->> 'secondReview' <> 'none';
-- Reports by age, whatever state they are in.
CREATE INDEX reports_by_age ON reports (created_at, id);
