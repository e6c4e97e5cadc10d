/**
 * SQL that counts what came of each list's matches.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../db/tables.ts"

/** What came of one list's matches. */
export interface ListOutcome {
  readonly list: string
  /** Distinct items. */
  readonly finds: number
  readonly cases: number
  /** Decided cases, by outcome. */
  readonly reportable: number
  readonly policyViolation: number
  readonly notViolation: number
}

/** Counts finds and cases of every list that any rests on, by name. Undecided cases say nothing of what was decided so far. */
export async function readListOutcomes(db: Kysely<Tables>): Promise<readonly ListOutcome[]> {
  const { rows } = await sql<Record<Exclude<keyof ListOutcome, "list">, string> & { readonly list: string }>`
    WITH by_case AS (
      SELECT list, count(*) AS cases,
        count(*) FILTER (WHERE state = 'decided' AND outcome = 'reportable') AS reportable,
        count(*) FILTER (WHERE state = 'decided' AND outcome = 'policy-violation') AS policy_violation,
        count(*) FILTER (WHERE state = 'decided' AND outcome = 'not-violation') AS not_violation
      FROM cases, unnest(lists) AS list GROUP BY list
    ), by_find AS (
      SELECT m->>'list' AS list, count(DISTINCT item_key) AS finds
      FROM finds, jsonb_array_elements(matches) AS m GROUP BY 1
    )
    SELECT list, coalesce(finds, 0) AS finds, coalesce(cases, 0) AS cases, coalesce(reportable, 0) AS reportable,
      coalesce(policy_violation, 0) AS "policyViolation", coalesce(not_violation, 0) AS "notViolation"
    FROM by_case FULL JOIN by_find USING (list) WHERE list IS NOT NULL ORDER BY list`.execute(db)
  return rows.map(({ list, ...counts }) => ({
    ...{ list, finds: Number(counts.finds), cases: Number(counts.cases), reportable: Number(counts.reportable) },
    ...{ policyViolation: Number(counts.policyViolation), notViolation: Number(counts.notViolation) },
  }))
}
