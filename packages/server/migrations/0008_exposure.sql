-- Looks, and what each person was exposed to. Everything is a projection of the log. The index is built while nothing
-- else runs: migrations come before the service starts.
CREATE TABLE looks (
  look_id text PRIMARY KEY,
  person_id text NOT NULL,
  case_id text NOT NULL REFERENCES cases,
  find_id text NOT NULL REFERENCES finds,
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
CREATE INDEX looks_open ON looks (person_id) WHERE ended_at IS NULL AND NOT failed;
CREATE INDEX looks_at_find ON looks (find_id, person_id);
CREATE INDEX looks_attested ON looks (case_id) WHERE attested_at IS NOT NULL;

CREATE TABLE exposure_people (
  person_id text PRIMARY KEY,
  stretch_started_at timestamptz,
  last_look_at timestamptz,
  last_look_case text,
  consecutive integer NOT NULL,
  break_until timestamptz
);

CREATE TABLE exposure_days (
  person_id text NOT NULL,
  -- In the installation's zone.
  day text NOT NULL,
  looks integer NOT NULL,
  originals integer NOT NULL,
  seconds integer NOT NULL,
  PRIMARY KEY (person_id, day)
);
CREATE INDEX exposure_days_by_day ON exposure_days (day);

CREATE TABLE exposure_limits (
  -- `organisation`, or a person's id.
  scope text PRIMARY KEY,
  limits jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL
);

CREATE INDEX events_by_actor ON events (actor, type, seq);

GRANT SELECT, INSERT, UPDATE ON looks, exposure_people, exposure_days, exposure_limits TO nightlight_app;
