/**
 * SQL of due cases: those of one person, and those that must be reported.
 * @module
 */
import { type Kysely, type SelectQueryBuilder, sql } from "kysely"
import type { CaseState } from "../../../platform/db/tables/casework.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { LEASE_MS } from "../claims/lease.ts"
import type { CaseHead } from "../state/head.ts"
import { toHead } from "../state/head-row.ts"
import type { UnfiledCase } from "../types.ts"
import { hasNoneOf } from "./queue-store.ts"

/** The person whose cases are read. */
export interface DueFor {
  readonly person: string
  /** States of cases that the person works on. */
  readonly states: readonly Extract<CaseState, "open" | "second-review" | "resolution">[]
  /** Categories that the person opted out of. */
  readonly without: readonly string[]
  readonly limit: number
}

/**
 * Cases that a person may decide now: held by them or by nobody, not decided by them before, and, unless they hold the
 * case, of no category that they opted out of. Cases in which somebody may be harmed come first, then those whose
 * deadline counts, nearest first, then the others in order of the queue.
 */
export async function readDueFor(db: Kysely<Tables>, due: DueFor, now: Date): Promise<readonly CaseHead[]> {
  if (due.states.length === 0) return []
  const some = () => mayDecide(db, due, now)
  const queries = [
    some().where("danger", "=", true).orderBy("sort_at"),
    some().where("danger", "=", false).where("clock_running", "=", true).orderBy("due_at"),
    some().where("danger", "=", false).where("clock_running", "=", false).orderBy("band").orderBy("sort_at"),
  ]
  const heads: CaseHead[] = []
  for (const query of queries) {
    const left = due.limit - heads.length
    if (left > 0) heads.push(...(await query.orderBy("case_id").limit(left).execute()).map(toHead))
  }
  return heads
}

function mayDecide(db: Kysely<Tables>, { person, states, without }: DueFor, now: Date) {
  const furthest = new Date(now.getTime() + LEASE_MS)
  const query: SelectQueryBuilder<Tables, "cases", object> = db.selectFrom("cases")
  return (
    query
      .selectAll()
      .where("state", "<>", "decided")
      .where("state", "in", states)
      .where((is) => is.or([is("claimed_by", "=", person), hasNoneOf(without)]))
      // See `holderOf`: a lease binds while it ends after now, and no later than one lease from now.
      .where(
        sql<boolean>`(claimed_by = ${person} OR claimed_until IS NULL OR claimed_until <= ${now} OR claimed_until > ${furthest})`,
      )
      .where((is) => is.or([is("state", "=", "open"), is("first_decider", "<>", person)]))
      .where((is) => is.or([is("state", "<>", "resolution"), is("second_decider", "<>", person)]))
  )
}

/** The query of {@link readUnfiled}; it has an index in its order. */
export function unfiledQuery(db: Kysely<Tables>, limit: number) {
  return db
    .selectFrom("cases")
    .select(["case_id", "decided_at", "due_at"])
    .where("clock_running", "=", true)
    .where("state", "=", "decided")
    .orderBy("due_at")
    .orderBy("case_id")
    .limit(limit)
}

/** Cases that were decided as reportable and are not filed, nearest deadline first. */
export async function readUnfiled(db: Kysely<Tables>, limit: number): Promise<readonly UnfiledCase[]> {
  const rows = await unfiledQuery(db, limit).execute()
  return rows.flatMap(({ case_id: caseId, decided_at: decidedAt, due_at: dueAt }) =>
    decidedAt === null ? [] : [{ caseId, decidedAt, dueAt: dueAt ?? undefined }],
  )
}
