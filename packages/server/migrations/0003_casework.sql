-- Cases, what was decided of them, and what people saw. Every column but the sealed ones is a projection of the log; the
-- sealed ones hold the context compartment under the case's own key.

-- Counts that are kept, for among 100,000 cases counting takes longer than a page may. Triggers add what a statement
-- changed as rows of their own, in its transaction: nobody waits for another's count. A job adds up the rows of one name and
-- key, and another one counts anew and compares.
CREATE TABLE case_counts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- `state`, `due` (days that deadlines fall on, UTC), `list-cases`, `list-items`, `list-` with an outcome, and `received`.
  name text NOT NULL,
  key text NOT NULL,
  delta bigint NOT NULL
);
CREATE INDEX case_counts_by_name ON case_counts (name, key) INCLUDE (delta);
-- UPDATE of one column: rows are locked by who adds them up.
GRANT SELECT, INSERT, DELETE, UPDATE (delta) ON case_counts TO nightlight_app;

CREATE TABLE cases (
  case_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('dataset', 'account', 'direct', 'test')),
  source text NOT NULL,
  group_key text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'settling', 'second-review', 'resolution', 'decided')),
  version integer NOT NULL,
  opened_at timestamptz NOT NULL,
  -- What it rests on.
  strength text NOT NULL,
  items integer NOT NULL,
  -- How many of its items are exact, near, unverified, other, test.
  strengths jsonb NOT NULL DEFAULT '{"exact":0,"near":0,"unverified":0,"other":0,"test":0}',
  locations integer NOT NULL,
  known_items integer NOT NULL,
  lists text[] NOT NULL,
  categories text[] NOT NULL,
  danger boolean NOT NULL,
  -- Its deadline.
  matched_at timestamptz,
  knowledge_at timestamptz,
  knowledge_by text,
  due_at timestamptz,
  clock_running boolean NOT NULL,
  alarmed smallint NOT NULL,
  -- Place in the queue: see cases/state/priority.ts.
  band smallint NOT NULL,
  sort_at timestamptz NOT NULL,
  claimed_by text,
  claimed_until timestamptz,
  -- What was decided of it.
  first_decision text,
  first_decider text,
  second_decision text,
  second_decider text,
  resolution_decision text,
  resolution_decider text,
  pending_stage text,
  undo_until timestamptz,
  decided_decision text,
  basis text,
  outcome text,
  decided_at timestamptz,
  second_review text,
  filed_at timestamptz,
  CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
  CHECK ((state = 'decided') = (decided_decision IS NOT NULL)),
  CHECK ((state = 'settling') = (pending_stage IS NOT NULL)),
  CHECK (kind <> 'test' OR outcome IS DISTINCT FROM 'reportable')
);
CREATE INDEX cases_waiting ON cases (band, sort_at, case_id) WHERE state <> 'decided';
CREATE INDEX cases_by_state ON cases (state, band, sort_at, case_id) WHERE state <> 'decided';
CREATE INDEX cases_by_kind ON cases (kind, band, sort_at, case_id) WHERE state <> 'decided';
CREATE INDEX cases_decided ON cases (decided_at, case_id) WHERE state = 'decided';
CREATE INDEX cases_claimed ON cases (claimed_by, band, sort_at, case_id) WHERE claimed_by IS NOT NULL;
CREATE INDEX cases_due ON cases (due_at, case_id) WHERE clock_running;
CREATE INDEX cases_settling ON cases (undo_until) WHERE state = 'settling';
-- Cases of the same account, or of the same dataset and host: one to join, all of them, and those that were reported, which
-- later reports name.
CREATE INDEX cases_joinable ON cases (group_key, opened_at) WHERE state = 'open';
CREATE INDEX cases_by_group ON cases (group_key, opened_at);
CREATE INDEX cases_filed_by_group ON cases (group_key, filed_at) WHERE filed_at IS NOT NULL;
-- What home screens begin with: cases that were decided as reportable and are not filed, and those flagged as danger.
CREATE INDEX cases_unfiled ON cases (due_at, case_id) WHERE clock_running AND state = 'decided';
CREATE INDEX cases_in_danger ON cases (sort_at, case_id) WHERE danger AND state <> 'decided';
GRANT SELECT, INSERT, UPDATE ON cases TO nightlight_app;

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

-- One distinct item of a case.
CREATE TABLE case_items (
  item_id text PRIMARY KEY,
  case_id text NOT NULL REFERENCES cases,
  position integer NOT NULL,
  item_key text NOT NULL,
  strength text NOT NULL,
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  digests text NOT NULL,
  verdict text NOT NULL,
  rule text NOT NULL,
  -- List, trust, category, hash type, distance: codes; never an entry.
  matches jsonb NOT NULL,
  evidence_id text,
  ciphertext_sha256 text,
  content text,
  content_bytes bigint,
  known_case text,
  locations integer NOT NULL,
  attached_at timestamptz NOT NULL,
  UNIQUE (case_id, item_key),
  UNIQUE (case_id, position),
  CHECK ((evidence_id IS NULL) = (content IS NULL))
);
CREATE INDEX case_items_by_item ON case_items (item_key);
CREATE INDEX case_items_by_evidence ON case_items (evidence_id) WHERE evidence_id IS NOT NULL;
-- A policy's trial reads a period.
CREATE INDEX case_items_by_time ON case_items (attached_at, item_id);
GRANT SELECT, INSERT, UPDATE ON case_items TO nightlight_app;

-- Which items a list's matches found, once each: one item stands in many cases.
CREATE TABLE list_items (
  list text NOT NULL,
  item_key text NOT NULL,
  PRIMARY KEY (list, item_key)
);
GRANT SELECT, INSERT ON list_items TO nightlight_app;

-- In the order of the key: two transactions that add the same items wait for each other, never both.
CREATE FUNCTION count_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH added AS (
    INSERT INTO list_items (list, item_key)
    SELECT DISTINCT m ->> 'list', f.item_key FROM after_rows f, jsonb_array_elements(f.matches) m
    WHERE m ->> 'list' IS NOT NULL ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING list
  )
  INSERT INTO case_counts (name, key, delta) SELECT 'list-items', list, count(*) FROM added GROUP BY list;
  RETURN NULL;
END
$$;
CREATE TRIGGER items_counted AFTER INSERT ON case_items
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION count_items();

-- One place where an item of a case was found. What it says in words is sealed.
CREATE TABLE item_locations (
  source text NOT NULL,
  finding_id text NOT NULL,
  item_id text NOT NULL REFERENCES case_items,
  case_id text NOT NULL,
  position integer NOT NULL,
  scan text,
  found_at timestamptz NOT NULL,
  attached_at timestamptz NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (source, finding_id)
);
CREATE INDEX item_locations_by_item ON item_locations (item_id, position);
GRANT SELECT, INSERT ON item_locations TO nightlight_app;

-- Every sealed piece that came with an item, from any of its places: what is preserved and destroyed with the case.
CREATE TABLE item_evidence (
  case_id text NOT NULL,
  evidence_id text NOT NULL,
  item_id text NOT NULL REFERENCES case_items,
  PRIMARY KEY (case_id, evidence_id)
);
GRANT SELECT, INSERT ON item_evidence TO nightlight_app;

CREATE TABLE decisions (
  decision_id text PRIMARY KEY,
  case_id text NOT NULL REFERENCES cases,
  stage text NOT NULL CHECK (stage IN ('first', 'second', 'resolution')),
  person_id text NOT NULL,
  basis text NOT NULL,
  category text,
  danger boolean NOT NULL,
  annotations text[] NOT NULL,
  -- The reviewer wants somebody else to decide again.
  requests_second_review boolean NOT NULL DEFAULT false,
  -- Why: a template, kept as such, or the person's own words, sealed, or both.
  template text,
  template_locale text,
  sealed bytea,
  given_at timestamptz NOT NULL,
  undone_at timestamptz,
  CHECK ((template IS NULL) = (template_locale IS NULL)),
  CHECK (template IS NOT NULL OR sealed IS NOT NULL)
);
-- At most one decision of each stage stands.
CREATE UNIQUE INDEX decisions_standing ON decisions (case_id, stage) WHERE undone_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON decisions TO nightlight_app;

-- What a decision says of one item.
CREATE TABLE judgements (
  decision_id text NOT NULL REFERENCES decisions,
  item_id text NOT NULL REFERENCES case_items,
  included boolean NOT NULL,
  classification text,
  category text,
  annotations text[] NOT NULL,
  PRIMARY KEY (decision_id, item_id)
);
GRANT SELECT, INSERT ON judgements TO nightlight_app;

-- Viewings, and what each person was exposed to.

-- One showing of one item to one person.
CREATE TABLE viewings (
  viewing_id text PRIMARY KEY,
  person_id text NOT NULL,
  case_id text NOT NULL REFERENCES cases,
  item_id text NOT NULL REFERENCES case_items,
  evidence_id text NOT NULL,
  -- A grant is good once, here and at the custodian.
  grant_id text NOT NULL UNIQUE,
  purpose text NOT NULL CHECK (purpose IN ('derivative', 'original')),
  reason text NOT NULL,
  requested_at timestamptz NOT NULL,
  shown_at timestamptz,
  ended_at timestamptz,
  failed boolean NOT NULL DEFAULT false,
  attested_at timestamptz,
  exif_viewed boolean
);
CREATE INDEX viewings_open ON viewings (person_id) WHERE ended_at IS NULL AND NOT failed;
CREATE INDEX viewings_at_item ON viewings (item_id, person_id);
CREATE INDEX viewings_attested ON viewings (case_id) WHERE attested_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON viewings TO nightlight_app;

-- Requests for an original that a second person proves too.
CREATE TABLE original_requests (
  id text PRIMARY KEY,
  case_id text NOT NULL REFERENCES cases,
  item_id text NOT NULL REFERENCES case_items,
  state text NOT NULL CHECK (state IN ('waiting', 'proven', 'declined', 'withdrawn')),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Ids, digests and public keys, as the custodian reads it.
  grant_id text NOT NULL UNIQUE,
  grant_json jsonb NOT NULL,
  first_signature text NOT NULL,
  approval_signature text,
  decided_by text,
  decided_at timestamptz,
  mac text NOT NULL,
  CHECK ((state = 'proven') = (approval_signature IS NOT NULL)),
  CHECK ((state = 'waiting') = (decided_at IS NULL)),
  CHECK (state <> 'proven' OR decided_by <> requested_by)
);
CREATE INDEX original_requests_live ON original_requests (expires_at);
GRANT SELECT, INSERT ON original_requests TO nightlight_app;
GRANT UPDATE (state, approval_signature, decided_by, decided_at, mac) ON original_requests TO nightlight_app;

CREATE TABLE exposure_people (
  person_id text PRIMARY KEY,
  stretch_started_at timestamptz,
  last_viewing_at timestamptz,
  break_until timestamptz
);
GRANT SELECT, INSERT, UPDATE ON exposure_people TO nightlight_app;

CREATE TABLE exposure_days (
  person_id text NOT NULL,
  -- In the installation's zone.
  day text NOT NULL,
  viewings integer NOT NULL,
  originals integer NOT NULL,
  seconds integer NOT NULL,
  PRIMARY KEY (person_id, day)
);
CREATE INDEX exposure_days_by_day ON exposure_days (day);
GRANT SELECT, INSERT, UPDATE ON exposure_days TO nightlight_app;

CREATE TABLE exposure_limits (
  -- There is one row: one set of limits holds for everybody.
  id smallint PRIMARY KEY CHECK (id = 1),
  limits jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON exposure_limits TO nightlight_app;
