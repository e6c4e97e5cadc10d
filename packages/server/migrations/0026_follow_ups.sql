-- What sources did about their datasets after a scan: hunts and purges.
CREATE TABLE follow_ups (
  follow_up_id text PRIMARY KEY,
  source_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('hunt', 'purge')),
  -- The source's own name of it, such as h-000001.
  name text NOT NULL,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- Counts, codes and names of lists: no path, no file name, no entry.
  report jsonb NOT NULL,
  UNIQUE (source_id, kind, name)
);
GRANT SELECT, INSERT, UPDATE (at, received_at, report) ON follow_ups TO nightlight_app;

-- One row for each dataset that a hunt or a purge speaks of: what was in place of it then.
CREATE TABLE follow_up_datasets (
  follow_up_id text NOT NULL REFERENCES follow_ups,
  source_id text NOT NULL,
  -- Keyed digest of the dataset, as scans name it.
  dataset text NOT NULL,
  at timestamptz NOT NULL,
  -- Whether the scan that it rests on had screened every shard with a real list.
  complete boolean NOT NULL,
  state jsonb NOT NULL,
  PRIMARY KEY (follow_up_id, dataset)
);
CREATE INDEX follow_up_datasets_by_time ON follow_up_datasets (source_id, dataset, complete, at DESC);
GRANT SELECT, INSERT, DELETE ON follow_up_datasets TO nightlight_app;

CREATE INDEX scans_by_dataset ON scans
  (source_id, (report ->> 'dataset'), (state = 'complete' AND (report ->> 'screened')::boolean), finished_at DESC);
