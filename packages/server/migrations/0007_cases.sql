-- Cases and what was decided of them. Every column but the sealed ones is a projection of the log; the sealed ones hold
-- the context compartment under the case's own key. Takes no lock on anything that exists.
CREATE TABLE cases (
  case_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('dataset', 'account', 'direct', 'test')),
  source text NOT NULL,
  group_key text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'settling', 'second-review', 'resolution', 'decided')),
  version integer NOT NULL,
  opened_at timestamptz NOT NULL,
  strength text NOT NULL,
  finds integer NOT NULL,
  -- How many of its finds are exact, near, lead, other, test.
  strengths jsonb NOT NULL DEFAULT '{"exact":0,"near":0,"lead":0,"other":0,"test":0}',
  locations integer NOT NULL,
  known_finds integer NOT NULL,
  lists text[] NOT NULL,
  categories text[] NOT NULL,
  danger boolean NOT NULL,
  matched_at timestamptz,
  knowledge_at timestamptz,
  knowledge_by text,
  due_at timestamptz,
  clock_running boolean NOT NULL,
  alarmed smallint NOT NULL,
  claimed_by text,
  claimed_until timestamptz,
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
  -- Place in the queue: see cases/priority.ts.
  band smallint NOT NULL,
  sort_at timestamptz NOT NULL,
  CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
  CHECK ((state = 'decided') = (decided_decision IS NOT NULL)),
  CHECK ((state = 'settling') = (pending_stage IS NOT NULL)),
  CHECK (kind <> 'test' OR outcome IS DISTINCT FROM 'reportable')
);
CREATE INDEX cases_waiting ON cases (band, sort_at, case_id) WHERE state <> 'decided';
CREATE INDEX cases_by_state ON cases (state, band, sort_at, case_id) WHERE state <> 'decided';
CREATE INDEX cases_decided ON cases (decided_at, case_id) WHERE state = 'decided';
CREATE INDEX cases_by_kind ON cases (kind, band, sort_at, case_id) WHERE state <> 'decided';
CREATE INDEX cases_claimed ON cases (claimed_by, band, sort_at, case_id) WHERE claimed_by IS NOT NULL;
CREATE INDEX cases_by_list ON cases USING gin (lists);
CREATE INDEX cases_joinable ON cases (group_key, opened_at) WHERE state = 'open';
CREATE INDEX cases_due ON cases (due_at, case_id) WHERE clock_running;
CREATE INDEX cases_settling ON cases (undo_until) WHERE state = 'settling';

-- One distinct item of a case.
CREATE TABLE finds (
  find_id text PRIMARY KEY,
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
CREATE INDEX finds_by_item ON finds (item_key);
CREATE INDEX finds_by_evidence ON finds (evidence_id) WHERE evidence_id IS NOT NULL;

-- One place of a find. What it says in words is sealed.
CREATE TABLE find_locations (
  source text NOT NULL,
  finding_id text NOT NULL,
  find_id text NOT NULL REFERENCES finds,
  case_id text NOT NULL,
  position integer NOT NULL,
  scan text,
  found_at timestamptz NOT NULL,
  attached_at timestamptz NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (source, finding_id)
);
CREATE INDEX find_locations_by_find ON find_locations (find_id, position);

-- Every sealed piece that came with a find, from any of its places: what is preserved and destroyed with the case.
CREATE TABLE find_evidence (
  case_id text NOT NULL,
  evidence_id text NOT NULL,
  find_id text NOT NULL REFERENCES finds,
  PRIMARY KEY (case_id, evidence_id)
);

CREATE TABLE decisions (
  decision_id text PRIMARY KEY,
  case_id text NOT NULL REFERENCES cases,
  stage text NOT NULL CHECK (stage IN ('first', 'second', 'resolution')),
  person_id text NOT NULL,
  basis text NOT NULL,
  category text,
  danger boolean NOT NULL,
  annotations text[] NOT NULL,
  given_at timestamptz NOT NULL,
  undone_at timestamptz,
  -- Why: a template, kept as such, or the person's own words, sealed, or both.
  template text,
  template_locale text,
  sealed bytea,
  CHECK ((template IS NULL) = (template_locale IS NULL)),
  CHECK (template IS NOT NULL OR sealed IS NOT NULL)
);
-- At most one decision of each stage stands.
CREATE UNIQUE INDEX decisions_standing ON decisions (case_id, stage) WHERE undone_at IS NULL;

-- What a decision says of one find.
CREATE TABLE judgements (
  decision_id text NOT NULL REFERENCES decisions,
  find_id text NOT NULL REFERENCES finds,
  included boolean NOT NULL,
  classification text,
  category text,
  annotations text[] NOT NULL,
  PRIMARY KEY (decision_id, find_id)
);

-- Calls of a person because a child may be in danger now. `none`: no pager was set up, nobody was called.
CREATE TABLE pager_calls (
  call_id text PRIMARY KEY,
  code text NOT NULL,
  subject text NOT NULL,
  state text NOT NULL CHECK (state IN ('none', 'queued', 'failing', 'taken')),
  at timestamptz NOT NULL,
  tries integer NOT NULL,
  fault text,
  taken_at timestamptz,
  CHECK ((state = 'taken') = (taken_at IS NOT NULL))
);
CREATE INDEX pager_calls_by_subject ON pager_calls (subject, at);
CREATE INDEX pager_calls_by_time ON pager_calls (at);

GRANT SELECT, INSERT, UPDATE ON cases, finds, decisions, pager_calls TO nightlight_app;
GRANT SELECT, INSERT ON find_locations, find_evidence, judgements TO nightlight_app;
