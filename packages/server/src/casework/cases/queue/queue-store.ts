/**
 * SQL of the queue: lists in order of priority, page by page, and counts.
 * @module
 */
import { type Kysely, sql, type Transaction } from "kysely"
import { CASE_STATES, type CaseKind, type CaseState } from "../../../platform/db/tables/casework.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { LEASE_MS } from "../claims/lease.ts"
import type { CaseHead } from "../state/head.ts"
import { toHead } from "../state/head-row.ts"
import { BANDS, type Band } from "../state/priority.ts"

/** Filter of the queue; members are combined by `and`. */
export interface QueueFilter {
  /** Undecided cases by default. */
  readonly state?: CaseState
  readonly kind?: CaseKind
  readonly band?: Band
  /** Id of the person who claimed them, or `none` for unclaimed cases. */
  readonly assignee?: string
  /** Name of a hash list. */
  readonly list?: string
  /** Only cases whose deadline counts and is at or before this time. */
  readonly dueBefore?: Date
}

/** Where a page starts: after this case. */
export interface QueueKey {
  readonly band: number
  /** For decided cases: when they were decided. */
  readonly sortAt: Date
  readonly caseId: string
}

/** One page of the queue. */
export interface QueuePage {
  readonly heads: readonly CaseHead[]
  /** Start of the next page; `undefined` at the end. */
  readonly next: QueueKey | undefined
}

/**
 * The query of a page, gravest and nearest first, or decided cases, last decided first. Each filter has an index in its
 * order; the cases of a list are in a table of their own in that order.
 */
export function queueQuery(
  db: Kysely<Tables>,
  filter: QueueFilter,
  { after, limit, now }: { readonly after: QueueKey | undefined; readonly limit: number; readonly now: Date },
) {
  const from = filter.list === undefined ? "cases" : "placed"
  const place = (column: "state" | "kind" | "band" | "sort_at" | "decided_at" | "case_id") =>
    sql.ref(`${from}.${column}`)
  let query = db
    .selectFrom("cases")
    .selectAll("cases")
    .limit(limit + 1)
  if (filter.list !== undefined) {
    query = query
      .innerJoin("case_lists as placed", "placed.case_id", "cases.case_id")
      .where("placed.list", "=", filter.list) as unknown as typeof query
  }
  query = query.where(
    filter.state === undefined
      ? sql<boolean>`${place("state")} <> 'decided'`
      : sql<boolean>`${place("state")} = ${filter.state}`,
  )
  if (filter.kind !== undefined) query = query.where(sql<boolean>`${place("kind")} = ${filter.kind}`)
  if (filter.band !== undefined) query = query.where(sql<boolean>`${place("band")} = ${BANDS.indexOf(filter.band)}`)
  if (filter.dueBefore !== undefined)
    query = query.where("clock_running", "=", true).where("due_at", "<=", filter.dueBefore)
  if (filter.assignee === "none") query = query.where(isUnheld(now))
  else if (filter.assignee !== undefined) query = query.where("claimed_by", "=", filter.assignee)
  if (filter.state === "decided") {
    query = query.orderBy(place("decided_at"), "desc").orderBy(place("case_id"), "desc")
    if (after === undefined) return query
    return query.where(sql<boolean>`(${place("decided_at")}, ${place("case_id")}) < (${after.sortAt}, ${after.caseId})`)
  }
  query = query.orderBy(place("band")).orderBy(place("sort_at")).orderBy(place("case_id"))
  if (after === undefined) return query
  return query.where(
    sql<boolean>`(${place("band")}, ${place("sort_at")}, ${place("case_id")}) > (${after.band}, ${after.sortAt}, ${after.caseId})`,
  )
}

/** Reads a page of at most `limit` cases, in the order of {@link queueQuery}. */
export async function readQueue(
  db: Kysely<Tables>,
  filter: QueueFilter,
  page: { readonly after: QueueKey | undefined; readonly limit: number; readonly now: Date },
): Promise<QueuePage> {
  const rows = await queueQuery(db, filter, page).execute()
  const shown = rows.slice(0, page.limit)
  const last = rows.length > page.limit ? shown.at(-1) : undefined
  return {
    heads: shown.map(toHead),
    next: last && { band: last.band, sortAt: last.decided_at ?? last.sort_at, caseId: last.case_id },
  }
}

/** The person whose next case is read. */
export interface NextFor {
  readonly person: string
  /** Whether the person resolves disagreements between two reviewers. */
  readonly resolves: boolean
  /** Categories that the person opted out of. */
  readonly without: readonly string[]
  readonly now: Date
}

/** The query of the first unclaimed case that a person may decide; skips locked ones. */
export function nextQuery(db: Kysely<Tables>, { person, resolves, without, now }: NextFor) {
  return db
    .selectFrom("cases")
    .selectAll()
    .where("state", "<>", "decided")
    .where("state", "<>", "settling")
    .where(isUnheld(now))
    .where(hasNoneOf(without))
    .where((is) => is.or([is("state", "=", "open"), is("first_decider", "<>", person)]))
    .where((is) =>
      is.or([is("state", "<>", "resolution"), is.and([is.val(resolves), is("second_decider", "<>", person)])]),
    )
    .orderBy("band")
    .orderBy("sort_at")
    .orderBy("case_id")
    .limit(1)
    .forUpdate()
    .skipLocked()
}

/** The first case of the queue for a person, locked. */
export async function lockNextHead(trx: Transaction<Tables>, next: NextFor): Promise<CaseHead | undefined> {
  const row = await nextQuery(trx, next).executeTakeFirst()
  return row && toHead(row)
}

/** Numbers of cases for one person. */
export interface QueueCounts {
  readonly byState: Readonly<Record<CaseState, number>>
  /** Undecided cases past the deadline. */
  readonly overdue: number
  /** Nearest deadline that counts. */
  readonly nextDueAt: Date | undefined
  /** Undecided cases that a person holds. */
  readonly claimedByMe: number
}

/** Counts cases: by state and day of deadline from the kept counts, the rest from indexes. */
export async function countCases(db: Kysely<Tables>, person: string, now: Date): Promise<QueueCounts> {
  const today = now.toISOString().slice(0, "yyyy-mm-dd".length)
  const { rows } = await sql<CountRow>`
    SELECT
      (SELECT jsonb_object_agg(key, kept) FROM
        (SELECT key, sum(delta) AS kept FROM case_counts WHERE name = 'state' GROUP BY key) AS states) AS states,
      (SELECT coalesce(sum(delta), 0) FROM case_counts WHERE name = 'due' AND key < ${today})
        + (SELECT count(*) FROM cases WHERE clock_running AND due_at >= ${new Date(today)} AND due_at <= ${now}) AS overdue,
      (SELECT due_at FROM cases WHERE clock_running ORDER BY due_at LIMIT 1) AS next,
      (SELECT count(*) FROM cases WHERE claimed_by = ${person} AND claimed_until > ${now} AND state <> 'decided') AS mine
    `.execute(db)
  const { states, overdue, next, mine } = rows[0] ?? { states: null, overdue: 0, next: null, mine: 0 }
  return {
    byState: Object.fromEntries(CASE_STATES.map((state) => [state, Number(states?.[state] ?? 0)])) as Record<
      CaseState,
      number
    >,
    overdue: Number(overdue),
    nextDueAt: next ?? undefined,
    claimedByMe: Number(mine),
  }
}

/** Undecided cases that were flagged as imminent danger, in order of the queue. */
export async function readInDanger(db: Kysely<Tables>, limit: number): Promise<readonly CaseHead[]> {
  const rows = await db
    .selectFrom("cases")
    .selectAll()
    .where("state", "<>", "decided")
    .where("band", "=", BANDS.indexOf("danger"))
    .orderBy("sort_at")
    .orderBy("case_id")
    .limit(limit)
    .execute()
  return rows.map(toHead)
}

interface CountRow {
  readonly states: Readonly<Record<string, number>> | null
  readonly overdue: string | number
  readonly next: Date | null
  readonly mine: string | number
}

/** Cases whose deadline counts and is at or before a time, nearest first. */
export async function readDueHeads(
  db: Kysely<Tables>,
  { before, after, limit }: { readonly before: Date; readonly after: string | undefined; readonly limit: number },
): Promise<readonly CaseHead[]> {
  let query = db
    .selectFrom("cases")
    .selectAll()
    .where("clock_running", "=", true)
    .where("due_at", "<=", before)
    .where("alarmed", "<", 100)
    .orderBy("case_id")
    .limit(limit)
  if (after !== undefined) query = query.where("case_id", ">", after)
  return (await query.execute()).map(toHead)
}

/** Ids of cases whose decision may still be undone, in the order in which they settle. */
export async function readSettling(db: Kysely<Tables>, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("cases")
    .select("case_id")
    .where("state", "=", "settling")
    .orderBy("undo_until")
    .limit(limit)
    .execute()
  return rows.map(({ case_id }) => case_id)
}

/** Whether a case has none of these categories. */
export function hasNoneOf(categories: readonly string[]) {
  return sql<boolean>`NOT (categories && ${categories}::text[])`
}

/** See `holderOf`: a lease binds while it ends after now, and no later than one lease from now. */
function isUnheld(now: Date) {
  const furthest = new Date(now.getTime() + LEASE_MS)
  return sql<boolean>`(claimed_until IS NULL OR claimed_until <= ${now} OR claimed_until > ${furthest})`
}
