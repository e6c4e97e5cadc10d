-- What sources say of themselves: scans and guards. What reviewers say of lists: disputes and false positives. Adding a
-- column to entry_items takes a short lock on it, and the references short ones on cases and finds.
CREATE TABLE scans (
  scan_id text PRIMARY KEY,
  source_id text NOT NULL,
  -- The source's own name of it, such as s-000001.
  scan text NOT NULL,
  state text NOT NULL CHECK (state IN ('complete', 'stopped', 'partial')),
  finished_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- Counts, codes and names of lists: no path, no file name, no entry.
  report jsonb NOT NULL,
  UNIQUE (source_id, scan)
);
CREATE INDEX scans_by_time ON scans (finished_at DESC, scan_id DESC);
CREATE INDEX scans_by_source ON scans (source_id, finished_at DESC, scan_id DESC);
GRANT SELECT, INSERT, UPDATE (state, finished_at, received_at, report) ON scans TO nightlight_app;

-- The last word of each guard process.
CREATE TABLE guard_heartbeats (
  source_id text NOT NULL,
  instance text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'draining', 'stopped')),
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  heartbeat jsonb NOT NULL,
  PRIMARY KEY (source_id, instance)
);
GRANT SELECT, INSERT, DELETE, UPDATE (state, last_seen_at, heartbeat) ON guard_heartbeats TO nightlight_app;

CREATE TABLE disputes (
  dispute_id text PRIMARY KEY,
  list text NOT NULL,
  case_id text NOT NULL REFERENCES cases,
  find_id text NOT NULL REFERENCES finds,
  reason text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'accepted', 'withdrawn', 'ended')),
  -- Why it can never become a false positive.
  bar text,
  entries integer NOT NULL,
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL,
  changed_by text,
  changed_at timestamptz
);
-- One dispute of a find's match on a list stands at a time.
CREATE UNIQUE INDEX disputes_standing ON disputes (list, find_id) WHERE state IN ('open', 'accepted');
CREATE INDEX disputes_by_time ON disputes (opened_at DESC, dispute_id);

-- Keyed digests of the disputed entries and of the item that they matched.
CREATE TABLE disputed_entries (
  dispute_id text NOT NULL REFERENCES disputes,
  entry_key text NOT NULL,
  item_key text NOT NULL,
  PRIMARY KEY (dispute_id, entry_key)
);
CREATE INDEX disputed_entries_by_item ON disputed_entries (item_key);
GRANT SELECT, INSERT, UPDATE (state, changed_by, changed_at) ON disputes TO nightlight_app;
GRANT SELECT, INSERT ON disputed_entries TO nightlight_app;

-- Which list an entry is of; unknown of what was counted before.
ALTER TABLE entry_items ADD COLUMN list text;
CREATE INDEX entry_items_by_list ON entry_items (list, entry_key);
