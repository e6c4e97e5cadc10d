-- Filing by policy. Takes a short lock on reports to add a column without a default.
CREATE TABLE standings (
  standing_id text PRIMARY KEY,
  -- What two people prove: ids, names of lists, counts and times.
  document jsonb NOT NULL,
  -- Their proofs so far.
  proofs jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('asked', 'live', 'ended')),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);

-- Which cases were decided without a person, and which were looked at and left to people.
CREATE TABLE automatic_cases (
  case_id text PRIMARY KEY REFERENCES cases,
  standing_id text NOT NULL REFERENCES standings,
  outcome text NOT NULL CHECK (outcome IN ('filed', 'left')),
  code text NOT NULL,
  at timestamptz NOT NULL
);

-- Keyed digests of list entries and of the distinct items that each has matched.
CREATE TABLE entry_items (
  entry_key text NOT NULL,
  item_key text NOT NULL,
  PRIMARY KEY (entry_key, item_key)
);

ALTER TABLE reports ADD COLUMN standing_id text REFERENCES standings;

GRANT SELECT, INSERT, UPDATE (proofs, state, ended_at) ON standings TO nightlight_app;
GRANT SELECT, INSERT ON automatic_cases, entry_items TO nightlight_app;
