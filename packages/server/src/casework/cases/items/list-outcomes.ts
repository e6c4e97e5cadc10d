/**
 * SQL that reads the outcomes of each list's matches.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../../platform/db/tables.ts"

/** How cases with matches of one list were decided. Undecided cases are counted in `cases` alone. */
export interface ListOutcome {
  readonly list: string
  /** Distinct items. */
  readonly items: number
  readonly cases: number
  /** Decided cases, by outcome. */
  readonly reportable: number
  readonly policyViolation: number
  readonly notViolation: number
}

/**
 * Outcomes of every list that any case or item refers to, by name, from the kept counts. Undecided cases reveal nothing
 * of what was decided so far.
 */
export async function readListOutcomes(db: Kysely<Tables>): Promise<readonly ListOutcome[]> {
  const { rows } = await sql<Record<Exclude<keyof ListOutcome, "list">, string> & { readonly list: string }>`
    SELECT key AS list,
      coalesce(sum(delta) FILTER (WHERE name = 'list-items'), 0) AS items,
      coalesce(sum(delta) FILTER (WHERE name = 'list-cases'), 0) AS cases,
      coalesce(sum(delta) FILTER (WHERE name = 'list-reportable'), 0) AS reportable,
      coalesce(sum(delta) FILTER (WHERE name = 'list-policy-violation'), 0) AS "policyViolation",
      coalesce(sum(delta) FILTER (WHERE name = 'list-not-violation'), 0) AS "notViolation"
    FROM case_counts WHERE name LIKE 'list-%' GROUP BY key
    HAVING coalesce(sum(delta) FILTER (WHERE name IN ('list-items', 'list-cases')), 0) > 0 ORDER BY key`.execute(db)
  return rows.map(({ list, ...counts }) => ({
    list,
    items: Number(counts.items),
    cases: Number(counts.cases),
    reportable: Number(counts.reportable),
    policyViolation: Number(counts.policyViolation),
    notViolation: Number(counts.notViolation),
  }))
}
