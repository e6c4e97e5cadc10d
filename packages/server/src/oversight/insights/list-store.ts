/**
 * SQL of people's judgements of lists' matches, from the log.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { decidedCases } from "./case-store.ts"
import type { RangeText } from "./types.ts"

/** Number of items that matched one list, in cases with the same decision. */
export interface JudgedMatches {
  readonly list: string
  readonly outcome: "reportable" | "policy-violation" | "not-violation"
  /** Whether the report includes them, if there is one. */
  readonly included: boolean
  /** Whether two people judged the cases independently. */
  readonly second: boolean
  readonly items: number
}

/** Counts them for each list. An item with several places counts once for a list. */
export async function countJudgedMatches(db: Kysely<Tables>, range: RangeText): Promise<readonly JudgedMatches[]> {
  const { rows } = await sql<Omit<JudgedMatches, "items"> & { readonly items: string }>`
    WITH decided AS MATERIALIZED (SELECT * FROM (${decidedCases(range)}) every WHERE NOT automatic),
    matched AS (
      SELECT DISTINCT f.subject AS case_id, f.line::jsonb -> 'data' ->> 'item' AS item, list
      FROM decided
      JOIN events f ON f.subject = case_id AND f.type IN ('item.attached', 'item.located'),
      jsonb_array_elements_text(f.line::jsonb -> 'data' -> 'lists') AS list
    ),
    judged AS (
      SELECT j.subject AS case_id, j.line::jsonb -> 'data' ->> 'item' AS item,
        (j.line::jsonb -> 'data' ->> 'included')::boolean AS included
      FROM decided
      JOIN events j ON j.subject = case_id AND j.type = 'item.judged'
        AND j.line::jsonb -> 'data' ->> 'decision' = decided.decision
    )
    SELECT list, outcome, coalesce(included, true) AS included,
      second_review IN ('agreed', 'resolved') AS second, count(*) AS items
    FROM matched JOIN decided USING (case_id) LEFT JOIN judged USING (case_id, item)
    GROUP BY 1, 2, 3, 4`.execute(db)
  return rows.map((row) => ({ ...row, items: Number(row.items) }))
}

/** Numbers of events about false positives in a period. */
export interface FalsePositiveCounts {
  readonly opened: number
  readonly withdrawn: number
  readonly known: number
  readonly ended: number
}

/** Counts events about false positives in a period, from the log. */
export async function countFalsePositives(db: Kysely<Tables>, { from, to }: RangeText): Promise<FalsePositiveCounts> {
  const rows = await db
    .selectFrom("events")
    .select(["type", ({ fn }) => fn.countAll<string>().as("count")])
    .where("type", "in", Object.values(FALSE_POSITIVE_EVENTS))
    .where("at", ">=", from)
    .where("at", "<", to)
    .groupBy("type")
    .execute()
  const counted = new Map(rows.map(({ type, count }) => [type, Number(count)]))
  const of = (name: keyof FalsePositiveCounts) => counted.get(FALSE_POSITIVE_EVENTS[name]) ?? 0
  return {
    opened: of("opened"),
    withdrawn: of("withdrawn"),
    known: of("known"),
    ended: of("ended"),
  }
}

const FALSE_POSITIVE_EVENTS: Readonly<Record<keyof FalsePositiveCounts, string>> = {
  opened: "false-positive.opened",
  withdrawn: "false-positive.withdrawn",
  known: "list.false-positive-recorded",
  ended: "list.false-positive-ended",
}
