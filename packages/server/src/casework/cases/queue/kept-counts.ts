/**
 * Counts of cases, items and received findings that the database keeps. Triggers write each change in the transaction
 * that causes it; jobs add them up, and recount to compare.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../../platform/db/tables.ts"

/** A count that differs from the recount. */
export interface CountDifference {
  readonly name: string
  readonly key: string
  /** How much the kept count is too low; negative if it is too high. */
  readonly missing: number
}

/** More rows than this are added up; fewer can be read as they are within a millisecond. */
const ROWS_KEPT_APART = 500
/** Rows that one statement adds up. */
const ROWS_AT_ONCE = 50_000

/**
 * Adds up rows of one name and key, in one statement, so that readers see either the rows before or the sum. Skips rows
 * that another transaction is adding up.
 *
 * @param above - Does nothing for this many rows or fewer.
 * @returns How many rows were added up.
 */
export async function mergeCaseCounts(db: Kysely<Tables>, above = ROWS_KEPT_APART): Promise<number> {
  const { rows: counted } = await sql<{ readonly rows: string }>`SELECT count(*) AS rows FROM case_counts`.execute(db)
  if (Number(counted[0]?.rows ?? 0) <= above) return 0
  const { rows } = await sql<{ readonly merged: string }>`
    WITH gone AS (
      DELETE FROM case_counts WHERE id IN (
        SELECT id FROM case_counts ORDER BY id LIMIT ${ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED
      ) RETURNING name, key, delta
    ), added AS (
      INSERT INTO case_counts (name, key, delta)
      SELECT name, key, sum(delta) FROM gone GROUP BY name, key HAVING sum(delta) <> 0
    )
    SELECT count(*) AS merged FROM gone`.execute(db)
  return Number(rows[0]?.merged ?? 0)
}

/** Recounts everything. Takes time in proportion to cases, items and received findings. */
const COUNTED_ANEW = sql`
  SELECT p.name, p.key, count(*) AS delta
  FROM cases c, case_count_parts(c.state, c.outcome, c.lists, c.clock_running, c.due_at) p GROUP BY p.name, p.key
  UNION ALL
  SELECT 'list-items', m ->> 'list', count(DISTINCT item_key)
  FROM case_items, jsonb_array_elements(matches) m WHERE m ->> 'list' IS NOT NULL GROUP BY 2
  UNION ALL
  SELECT 'received', received_count_key(source_id, state, code), count(*)
  FROM received_findings GROUP BY source_id, state, code`

/** Places of cases in the lists, computed from the cases themselves. */
const PLACES = sql`
  SELECT DISTINCT list, case_id, kind, state, band, sort_at, decided_at FROM cases, unnest(lists) AS list`
const PLACES_KEPT = sql`SELECT list, case_id, kind, state, band, sort_at, decided_at FROM case_lists`

/** Places that differ, by list: missing or stale ones, and those without a case. */
const MISPLACED = sql`
  SELECT 'case-lists' AS name, list AS key, (count(*) FILTER (WHERE lacks) - count(*) FILTER (WHERE NOT lacks)) AS missing
  FROM (
    SELECT list, case_id, bool_or(lacks) AS lacks FROM (
      SELECT list, case_id, true AS lacks FROM (${PLACES} EXCEPT ${PLACES_KEPT}) AS said
      UNION ALL SELECT list, case_id, false FROM (${PLACES_KEPT} EXCEPT ${PLACES}) AS kept
    ) AS differ GROUP BY list, case_id
  ) AS places GROUP BY list`

const DIFFERENCES = sql`
  SELECT name, key, sum(delta)::bigint AS missing
  FROM (${COUNTED_ANEW} UNION ALL SELECT name, key, -delta FROM case_counts) AS compared
  GROUP BY name, key HAVING sum(delta) <> 0`

/**
 * Recounts everything and returns the kept counts that differ, by name and key. Reads one snapshot while changes go on.
 */
export async function compareCaseCounts(db: Kysely<Tables>): Promise<readonly CountDifference[]> {
  const { rows } = await sql<DifferenceRow>`
    SELECT * FROM (${DIFFERENCES} UNION ALL ${MISPLACED}) AS found ORDER BY name, key`.execute(db)
  return toDifferences(rows)
}

/**
 * Recounts everything and adds the differences. A transaction that commits meanwhile writes its own rows, so the sum
 * stays right.
 *
 * @returns What differed.
 */
export async function repairCaseCounts(db: Kysely<Tables>): Promise<readonly CountDifference[]> {
  await sql`
    INSERT INTO list_items (list, item_key)
    SELECT DISTINCT m ->> 'list', item_key FROM case_items, jsonb_array_elements(matches) m
    WHERE m ->> 'list' IS NOT NULL ORDER BY 1, 2 ON CONFLICT DO NOTHING`.execute(db)
  const { rows } = await sql<DifferenceRow>`
    INSERT INTO case_counts (name, key, delta) ${DIFFERENCES} RETURNING name, key, delta AS missing`.execute(db)
  const { rows: misplaced } = await sql<DifferenceRow>`SELECT * FROM (${MISPLACED}) AS found ORDER BY key`.execute(db)
  if (misplaced.length > 0) {
    await sql`DELETE FROM case_lists WHERE (list, case_id) IN (
      SELECT list, case_id FROM (${PLACES_KEPT} EXCEPT ${PLACES}) AS kept)`.execute(db)
    await sql`INSERT INTO case_lists (list, case_id, kind, state, band, sort_at, decided_at)
      ${PLACES} ON CONFLICT DO NOTHING`.execute(db)
  }
  return toDifferences([...rows, ...misplaced])
}

interface DifferenceRow {
  readonly name: string
  readonly key: string
  readonly missing: string
}

function toDifferences(rows: readonly DifferenceRow[]): readonly CountDifference[] {
  return rows.map(({ name, key, missing }) => ({ name, key, missing: Number(missing) }))
}
