/**
 * SQL of cases over time, from the log. Cases that contain only test cards count nowhere but in the number of items.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { Durations, RangeText } from "./types.ts"

/** Something counted on one day in UTC. */
export interface DayCount {
  /** `2026-03-02`. */
  readonly day: string
  readonly count: number
}

/**
 * Cases decided in a period, as a table: `case_id`, `at`, `opened_at`, `decision`, `basis`, `outcome`, `second_review`,
 * `automatic`.
 */
export function decidedCases({ from, to }: RangeText) {
  return sql`
    SELECT d.subject AS case_id, d.at, o.at AS opened_at,
      d.line::jsonb -> 'data' ->> 'decision' AS decision,
      d.line::jsonb -> 'data' ->> 'basis' AS basis,
      d.line::jsonb -> 'data' ->> 'outcome' AS outcome,
      d.line::jsonb -> 'data' ->> 'secondReview' AS second_review,
      EXISTS (
        SELECT 1 FROM events a WHERE a.type = 'case.decided-automatically' AND a.subject = d.subject
      ) AS automatic
    FROM events d
    JOIN events o ON o.type = 'case.opened' AND o.subject = d.subject
    WHERE d.type = 'case.decided' AND d.at >= ${from} AND d.at < ${to}
      AND o.line::jsonb -> 'data' ->> 'kind' <> 'test'`
}

/** Items attached to cases, by day and by what the case is about; `test` among them. */
export async function countFindings(
  db: Kysely<Tables>,
  { from, to }: RangeText,
): Promise<readonly (DayCount & { readonly kind: "dataset" | "account" | "direct" | "test" })[]> {
  const { rows } = await sql<{ day: string; kind: "dataset" | "account" | "direct" | "test"; count: string }>`
    WITH taken AS (
      SELECT left(at, 10) AS day, line::jsonb -> 'data' ->> 'case' AS case_id, count(*) AS findings
      FROM events WHERE type = 'finding.verified' AND at >= ${from} AND at < ${to} GROUP BY 1, 2
    )
    SELECT day, o.line::jsonb -> 'data' ->> 'kind' AS kind, sum(findings) AS count
    FROM taken JOIN events o ON o.type = 'case.opened' AND o.subject = case_id
    GROUP BY 1, 2`.execute(db)
  return rows.map(({ day, kind, count }) => ({ day, kind, count: Number(count) }))
}

/** Number of findings that our own lists did not confirm. */
export async function countDenied(db: Kysely<Tables>, { from, to }: RangeText): Promise<number> {
  const { count } = await db
    .selectFrom("events")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .where("type", "=", "finding.denied")
    .where("at", ">=", from)
    .where("at", "<", to)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Counts opened cases by UTC day, without test cases. */
export async function countOpened(db: Kysely<Tables>, { from, to }: RangeText): Promise<readonly DayCount[]> {
  const { rows } = await sql<{ day: string; count: string }>`
    SELECT left(at, 10) AS day, count(*) AS count FROM events
    WHERE type = 'case.opened' AND at >= ${from} AND at < ${to} AND line::jsonb -> 'data' ->> 'kind' <> 'test'
    GROUP BY 1`.execute(db)
  return rows.map(({ day, count }) => ({ day, count: Number(count) }))
}

/** Cases decided, by day and basis, and the number of them decided without a person. */
export async function countDecided(
  db: Kysely<Tables>,
  range: RangeText,
): Promise<readonly (DayCount & { readonly basis: string; readonly automatic: number })[]> {
  const { rows } = await sql<{ day: string; basis: string; count: string; automatic: string }>`
    SELECT left(at, 10) AS day, basis, count(*) AS count, count(*) FILTER (WHERE automatic) AS automatic
    FROM (${decidedCases(range)}) decided GROUP BY 1, 2`.execute(db)
  return rows.map(({ day, basis, count, automatic }) => ({
    day,
    basis,
    count: Number(count),
    automatic: Number(automatic),
  }))
}

/** How long cases waited for a person's decision. */
export async function readDecisionTimes(db: Kysely<Tables>, range: RangeText): Promise<Durations> {
  const { rows } = await sql<DurationRow>`
    SELECT ${durationsOf(sql`at`, sql`opened_at`)}
    FROM (${decidedCases(range)}) decided WHERE NOT automatic`.execute(db)
  return toDurations(rows[0])
}

/** Number of cases that were open at a time, by age: `ages` are the upper limits of the classes, days. */
export async function countOpenByAge(
  db: Kysely<Tables>,
  at: Date,
  ages: readonly number[],
): Promise<readonly number[]> {
  const text = at.toISOString()
  const { rows } = await sql<{ older: number; count: string }>`
    WITH open AS (
      SELECT extract(epoch FROM ${text}::timestamptz - o.at::timestamptz) / 86400 AS days FROM events o
      WHERE o.type = 'case.opened' AND o.at <= ${text} AND o.line::jsonb -> 'data' ->> 'kind' <> 'test'
        AND NOT EXISTS (
          SELECT 1 FROM events d WHERE d.type = 'case.decided' AND d.subject = o.subject AND d.at <= ${text}
        )
    )
    SELECT width_bucket(days, ${sql.val([...ages])}::numeric[]) AS older, count(*) AS count FROM open GROUP BY 1`.execute(
    db,
  )
  const counted = new Map(rows.map(({ older, count }) => [older, Number(count)]))
  return [...ages, Number.POSITIVE_INFINITY].map((_, position) => counted.get(position) ?? 0)
}

/** Columns of {@link toDurations}: from one time to another, in the log's text form. Percentiles by nearest rank. */
export function durationsOf(end: ReturnType<typeof sql>, start: ReturnType<typeof sql>) {
  // A clock that was set back must not make a time negative.
  const seconds = sql`greatest(extract(epoch FROM ${end}::timestamptz - ${start}::timestamptz), 0)`
  return sql`count(${start}) AS count,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY ${seconds}) AS median,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY ${seconds}) AS p90`
}

/** A row of {@link durationsOf}. */
export interface DurationRow {
  readonly count: string
  readonly median: string | null
  readonly p90: string | null
}

/** Converts a row to durations. */
export function toDurations(row: DurationRow | undefined): Durations {
  const { count = "0", median = null, p90 = null } = row ?? {}
  if (median === null || p90 === null) return { count: Number(count) }
  return { count: Number(count), medianSeconds: Number(median), p90Seconds: Number(p90) }
}
