/**
 * Number of known items still in place in a dataset: by the latest of its scans, hunts and purges.
 * @module
 */
import type { CurrentInPlace, SharedInPlace } from "@nightlight/contract/server"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/** A dataset of a source, by the source's own keyed digest of it. */
export interface DatasetOfSource {
  readonly source: string
  readonly dataset: string
}

/** Returns what is in place in a dataset; undefined for a dataset that was not requested or has no report. */
export type InPlaceOf = (dataset: DatasetOfSource) => CurrentInPlace | undefined

interface Statement {
  readonly source_id: string
  readonly dataset: string
  readonly complete: boolean
  readonly by: CurrentInPlace["reportKind"]
  readonly at: Date
  readonly in_place: SharedInPlace
}

/** Reads the newest statement about known items in place, for each of some datasets: from a scan, a hunt or a purge. */
export async function readInPlace(db: Kysely<Tables>, wanted: readonly DatasetOfSource[]): Promise<InPlaceOf> {
  const distinct = [...new Map(wanted.map((each) => [keyOf(each), each])).values()]
  if (distinct.length === 0) return () => undefined
  const { rows } = await sql<Statement>`
    SELECT wanted.source_id, wanted.dataset, c.complete, newest.by, newest.at, newest.in_place
    FROM unnest(${distinct.map(({ source }) => source)}::text[], ${distinct.map(({ dataset }) => dataset)}::text[])
      AS wanted (source_id, dataset)
    CROSS JOIN (VALUES (true), (false)) AS c (complete)
    CROSS JOIN LATERAL (
      (SELECT 'scan' AS by, finished_at AS at, report -> 'inPlace' AS in_place, 0 AS rank FROM scans
       WHERE source_id = wanted.source_id AND report ->> 'dataset' = wanted.dataset
         AND (state = 'complete' AND (report ->> 'screened')::boolean) = c.complete
       ORDER BY finished_at DESC LIMIT 1)
      UNION ALL
      (SELECT f.kind, d.at, d.state -> 'inPlace', CASE f.kind WHEN 'hunt' THEN 1 ELSE 2 END
       FROM follow_up_datasets d JOIN follow_ups f USING (follow_up_id)
       WHERE d.source_id = wanted.source_id AND d.dataset = wanted.dataset AND d.complete = c.complete
       ORDER BY d.at DESC, f.kind DESC LIMIT 1)
      ORDER BY at DESC, rank DESC LIMIT 1
    ) AS newest`.execute(db)
  const statements = Map.groupBy(rows, ({ source_id, dataset }) => keyOf({ source: source_id, dataset }))
  return (dataset) => currentOf(statements.get(keyOf(dataset)) ?? [])
}

/** The later of two statements; an incomplete one never lowers the count of a complete one. */
function currentOf(statements: readonly Statement[]): CurrentInPlace | undefined {
  const complete = statements.find((statement) => statement.complete)
  const partial = statements.find((statement) => !statement.complete)
  const isPartialNewer = partial !== undefined && (complete === undefined || partial.at > complete.at)
  const current =
    isPartialNewer && partial.in_place.items >= (complete?.in_place.items ?? 0) ? partial : (complete ?? partial)
  if (current === undefined) return undefined
  const { items, test, shards } = current.in_place
  return { items, test, shards, asOf: current.at.toISOString(), reportKind: current.by, complete: current.complete }
}

function keyOf({ source, dataset }: DatasetOfSource): string {
  return `${source} ${dataset}`
}
