-- Counts of cases and finds that are kept, for among 100,000 cases counting takes longer than a page may. Triggers add
-- what a statement changed as rows of their own, in its transaction: nobody waits for another's count. A job adds rows of
-- one name and key up, and another one counts anew and compares.
CREATE TABLE case_counts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- `state`, `due` (days that deadlines fall on, UTC), `list-cases`, `list-finds`, and `list-` with an outcome.
  name text NOT NULL,
  key text NOT NULL,
  delta bigint NOT NULL
);
CREATE INDEX case_counts_by_name ON case_counts (name, key) INCLUDE (delta);

-- Which items a list's matches found, once each: finds of one item stand in many cases.
CREATE TABLE list_items (
  list text NOT NULL,
  item_key text NOT NULL,
  PRIMARY KEY (list, item_key)
);

-- UPDATE of one column: rows are locked by who adds them up.
GRANT SELECT, INSERT, DELETE, UPDATE (delta) ON case_counts TO nightlight_app;
GRANT SELECT, INSERT ON list_items TO nightlight_app;

-- What one case counts for.
CREATE FUNCTION case_count_parts(state text, outcome text, lists text[], clock_running boolean, due_at timestamptz)
RETURNS TABLE (name text, key text) LANGUAGE sql STABLE AS $$
  SELECT 'state', $1
  UNION ALL
  SELECT 'due', to_char($5 AT TIME ZONE 'UTC', 'YYYY-MM-DD') WHERE $4 AND $5 IS NOT NULL
  UNION ALL
  SELECT 'list-cases', list FROM unnest($3) AS list
  UNION ALL
  SELECT 'list-' || $2, list FROM unnest($3) AS list WHERE $1 = 'decided' AND $2 IS NOT NULL
$$;

CREATE FUNCTION count_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO case_counts (name, key, delta)
    SELECT p.name, p.key, count(*)
    FROM after_rows c, case_count_parts(c.state, c.outcome, c.lists, c.clock_running, c.due_at) p
    GROUP BY p.name, p.key;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO case_counts (name, key, delta)
    SELECT p.name, p.key, -count(*)
    FROM before_rows c, case_count_parts(c.state, c.outcome, c.lists, c.clock_running, c.due_at) p
    GROUP BY p.name, p.key;
  ELSE
    INSERT INTO case_counts (name, key, delta)
    SELECT p.name, p.key, sum(c.sign)
    FROM (
      SELECT 1 AS sign, state, outcome, lists, clock_running, due_at FROM after_rows
      UNION ALL
      SELECT -1, state, outcome, lists, clock_running, due_at FROM before_rows
    ) c, case_count_parts(c.state, c.outcome, c.lists, c.clock_running, c.due_at) p
    GROUP BY p.name, p.key HAVING sum(c.sign) <> 0;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER cases_counted_insert AFTER INSERT ON cases
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_cases();
CREATE TRIGGER cases_counted_update AFTER UPDATE ON cases
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_cases();
CREATE TRIGGER cases_counted_delete AFTER DELETE ON cases
  REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION count_cases();

-- In the order of the key: two transactions that add the same items wait for each other, never both.
CREATE FUNCTION count_finds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH added AS (
    INSERT INTO list_items (list, item_key)
    SELECT DISTINCT m ->> 'list', f.item_key FROM after_rows f, jsonb_array_elements(f.matches) m
    WHERE m ->> 'list' IS NOT NULL ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING list
  )
  INSERT INTO case_counts (name, key, delta) SELECT 'list-finds', list, count(*) FROM added GROUP BY list;
  RETURN NULL;
END
$$;
CREATE TRIGGER finds_counted AFTER INSERT ON finds
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_finds();

-- What stands there already.
INSERT INTO list_items (list, item_key)
SELECT DISTINCT m ->> 'list', item_key FROM finds, jsonb_array_elements(matches) m WHERE m ->> 'list' IS NOT NULL;
INSERT INTO case_counts (name, key, delta) SELECT 'list-finds', list, count(*) FROM list_items GROUP BY list;
INSERT INTO case_counts (name, key, delta)
SELECT p.name, p.key, count(*)
FROM cases c, case_count_parts(c.state, c.outcome, c.lists, c.clock_running, c.due_at) p GROUP BY p.name, p.key;
