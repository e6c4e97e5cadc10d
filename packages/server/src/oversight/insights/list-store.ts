/**
 * SQL of what people found of the matches of lists, from the log.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { decidedCases } from "./case-store.ts"
import type { RangeText } from "./types.ts"

/** Items that matched one list, in cases that people decided to be one thing. */
export interface JudgedMatches {
  readonly list: string
  readonly outcome: "reportable" | "policy-violation" | "not-violation"
  /** Whether they stand in the report, where there is one. */
  readonly included: boolean
  /** Whether two people judged the cases apart. */
  readonly second: boolean
  readonly items: number
}

/** Counts them for each list. An item that was taken in from several places counts once for a list. */
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

/** What became of disputes. */
export interface DisputeCounts {
  readonly opened: number
  readonly withdrawn: number
  readonly falsePositives: number
  readonly ended: number
}

/** Counts them. */
export async function countDisputes(db: Kysely<Tables>, { from, to }: RangeText): Promise<DisputeCounts> {
  const rows = await db
    .selectFrom("events")
    .select(["type", ({ fn }) => fn.countAll<string>().as("count")])
    .where("type", "in", Object.values(DISPUTE_EVENTS))
    .where("at", ">=", from)
    .where("at", "<", to)
    .groupBy("type")
    .execute()
  const counted = new Map(rows.map(({ type, count }) => [type, Number(count)]))
  const of = (name: keyof DisputeCounts) => counted.get(DISPUTE_EVENTS[name]) ?? 0
  return {
    opened: of("opened"),
    withdrawn: of("withdrawn"),
    falsePositives: of("falsePositives"),
    ended: of("ended"),
  }
}

const DISPUTE_EVENTS: Readonly<Record<keyof DisputeCounts, string>> = {
  opened: "dispute.opened",
  withdrawn: "dispute.withdrawn",
  falsePositives: "list.false-positive-recorded",
  ended: "list.false-positive-ended",
}
