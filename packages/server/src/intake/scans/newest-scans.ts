/**
 * The newest scan of each dataset, which describes the present state of the training data.
 * @module
 */
import type { SharedScanReport } from "@nightlight/contract/server"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { Sources } from "../sources/types.ts"
import type { NewestScan } from "./types.ts"

/** Reads the newest scan of each dataset of sources that are not revoked, by source. */
export async function newestScans(db: Kysely<Tables>, sources: Pick<Sources, "list">): Promise<readonly NewestScan[]> {
  const live = new Set(
    (await sources.list()).filter(({ revokedAt }) => revokedAt === undefined).map(({ source }) => source),
  )
  return (await readNewest(db)).filter(({ source }) => live.has(source))
}

async function readNewest(db: Kysely<Tables>): Promise<readonly NewestScan[]> {
  const { rows } = await sql<NewestScanRow>`
    WITH known AS (
      SELECT source_id, scan, finished_at, report ->> 'dataset' AS dataset, report ->> 'state' AS state,
             (report ->> 'screened')::boolean AS screened, (report ->> 'demo')::boolean AS demo,
             (report -> 'coverage' ->> 'indexVersion')::bigint AS index_version
      FROM scans
    ), hunted AS (
      SELECT d.source_id, d.dataset, d.state ->> 'scan' AS scan, f.at, (f.report ->> 'indexVersion')::bigint AS index_version,
             (d.state ->> 'allShardsHunted')::boolean AND (f.report ->> 'screened')::boolean AS all_shards_hunted
      FROM follow_ups f JOIN follow_up_datasets d USING (follow_up_id) WHERE f.kind = 'hunt'
    ), newest AS (
      SELECT DISTINCT ON (source_id, dataset) * FROM known ORDER BY source_id, dataset, finished_at DESC
    ), matched AS (
      -- A hunt through all of the newest scan brings its dataset up to the lists of that hunt.
      SELECT newest.*, greatest(newest.index_version, (
        SELECT max(hunted.index_version) FROM hunted
        WHERE hunted.source_id = newest.source_id AND hunted.dataset = newest.dataset
          AND hunted.scan = newest.scan AND hunted.all_shards_hunted
      )) AS matched_version
      FROM newest
    ), had AS (
      SELECT source_id, index_version, finished_at AS at FROM known
      UNION ALL
      SELECT source_id, index_version, at FROM hunted
    )
    SELECT newest.*, (
      SELECT min(had.at) FROM had
      WHERE had.source_id = newest.source_id AND had.index_version > newest.matched_version
    ) AS newer_lists_since
    FROM matched AS newest ORDER BY source_id, dataset`.execute(db)
  return rows.map(({ source_id, dataset, state, screened, demo, finished_at, newer_lists_since }) => ({
    source: source_id,
    dataset,
    state,
    screened,
    demo,
    finishedAt: finished_at,
    newerListsSince: newer_lists_since ?? undefined,
  }))
}

interface NewestScanRow extends Pick<SharedScanReport, "state" | "screened" | "demo" | "dataset"> {
  readonly source_id: string
  readonly finished_at: Date
  readonly newer_lists_since: Date | null
}
