/**
 * Compares the tables that give power with the log, row by row, and names the first row that differs.
 * @module
 */
import type { RowDifference } from "@nightlight/contract/server"
import { type Kysely, sql } from "kysely"
import { compareCaseCounts } from "../../casework/cases/queue/kept-counts.ts"
import { subjectOf } from "../../intake/policies/types.ts"
import { checkRow, isTrusted, type SealedRow, sealedId } from "../../platform/authority/sealed-rows.ts"
import { SEALED_TABLES, type SealedTable } from "../../platform/authority/sealed-tables.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { passkeyId } from "../../staff/sign-in/passkeys/passkey-id.ts"
import { isCursorValid } from "../restores/send-notices.ts"
import { findCaseProblem } from "./compare-cases.ts"
import { findCaseKeyProblem, findCertificateProblem } from "./compare-certificates.ts"
import { findRecordProblem } from "./compare-records.ts"
import { findStepProblem } from "./compare-report-steps.ts"
import { findReportProblem } from "./compare-reports.ts"
import { Rebuilt, relationKey } from "./rebuild.ts"
import { type CompareWatch, findOrUnreadable, orUnreadable, type RowProblem } from "./row-problem.ts"

const PAGE = 2_000

/**
 * Reads every sealed table, a page at a time.
 *
 * @param db - The snapshot in which `log` was read.
 */
export async function findRowProblem(
  db: Kysely<Tables>,
  log: Rebuilt,
  watch: CompareWatch = {},
): Promise<RowProblem | undefined> {
  const unapproved = log.approvalsNeeded.firstUnapproved()
  if (unapproved !== undefined) return { table: "events", id: String(unapproved), what: "unapproved" }
  const rows = createRowChecks(log)
  const caseItems: readonly (readonly [string, () => Promise<RowProblem | undefined>])[] = [
    ["reports", () => findReportProblem(db, log)],
    ["report_steps", () => findStepProblem(db, watch.signal)],
    ["cases", () => findCaseProblem(db, watch)],
    ["exposure_people", () => findRecordProblem(db, log)],
    ["case_counts", () => findCountProblem(db)],
    ["destruction_certificates", () => findCertificateProblem(db, log)],
    ["case_keys", () => findCaseKeyProblem(db, log)],
    ["sent_notices", () => findNoticesProblem(db)],
    ["operations", () => findPauseProblem(db, log)],
    ...(Object.keys(SEALED_TABLES) as SealedTable[]).map(
      (table) => [table, () => findSealedProblem(db, table, rows)] as const,
    ),
  ]
  for (const [table, caseItem] of caseItems) {
    const problem = await findOrUnreadable(db, table, caseItem, watch.signal)
    if (problem !== undefined) return problem
  }
  return undefined
}

async function findSealedProblem(
  db: Kysely<Tables>,
  table: SealedTable,
  { checks, missing }: ReturnType<typeof createRowChecks>,
): Promise<RowProblem | undefined> {
  const check = checks[table] as ((row: object) => RowDifference | undefined) | undefined
  for await (const row of walkRows(db, table)) {
    const what = orUnreadable(() => (isUnsealed(db, table, row) ? "unsealed" : check?.(row)))
    if (what !== undefined) return { table, id: sealedId(table, row as Record<string, unknown>), what }
  }
  const gone = missing[table]?.()
  return gone === undefined ? undefined : { table, id: gone, what: "missing" }
}

/** Finds the first count behind the lists of cases that differs from a recount. */
async function findCountProblem(db: Kysely<Tables>): Promise<RowProblem | undefined> {
  const [differs] = await compareCaseCounts(db)
  if (differs === undefined) return undefined
  const { name, key } = differs
  return name === "case-lists"
    ? { table: "case_lists", id: key, what: "place" }
    : { table: "case_counts", id: `${name} ${key}`, what: "count" }
}

/** The custodian's notices cursor, if it is not at the last event that the log says was sent. */
async function findNoticesProblem(db: Kysely<Tables>): Promise<RowProblem | undefined> {
  return (await isCursorValid(db)) ? undefined : { table: "sent_notices", id: "notices", what: "state" }
}

/** A pause of filing that nobody made, or one that is missing and was not ended. */
async function findPauseProblem(db: Kysely<Tables>, { isFilingPaused }: Rebuilt): Promise<RowProblem | undefined> {
  const row = await db.selectFrom("operations").select("name").executeTakeFirst()
  if ((row !== undefined) === isFilingPaused) return undefined
  return { table: "operations", id: row?.name ?? "filing-paused", what: isFilingPaused ? "missing" : "unknown" }
}

/** Sealed tables whose rows are compared with the log in addition to their MAC. */
export const COMPARED_TABLES: readonly string[] = Object.keys(createRowChecks(new Rebuilt()).checks)

type Checks = { readonly [T in SealedTable]?: (row: SealedRow<T>) => RowDifference | undefined }

/** Checks of rows against the log and, after all rows of a table, of missing ones. */
function createRowChecks(log: Rebuilt) {
  const seen = new Set<string>()
  const see = (key: string): undefined => void seen.add(key)
  const holder = (known: { readonly owner: string; readonly isEnded: boolean } | undefined, row: Holder) => {
    if (known === undefined) return "unknown"
    if (known.owner !== row.owner) return "owner"
    return known.isEnded && !row.isEnded ? "ended" : undefined
  }
  const isOver = (id: string, over: boolean) => (log.ended.has(id) && !over ? "state" : undefined)
  const proof = ({ person_id, id }: { readonly person_id: string; readonly id: string }) => {
    see(`proof ${id}`)
    return log.people.get(person_id)?.proof === id ? undefined : "proof"
  }
  const pieces = new Map<string, number>()

  const checks: Checks = {
    sessions: (row) => holder(log.sessions.get(row.id), { owner: row.person_id, isEnded: row.ended_at !== null }),
    service_keys: (row) => {
      see(`key ${row.id}`)
      return holder(log.keys.get(row.id), { owner: row.made_by, isEnded: row.revoked_at !== null })
    },
    sources: (row) => {
      see(`source ${row.source_id}`)
      return holder(log.sources.get(row.source_id), { owner: row.key_id, isEnded: row.revoked_at !== null })
    },
    people: (row) => {
      see(`person ${row.id}`)
      const known = log.people.get(row.id)
      if (known === undefined) return "unknown"
      if (known.madeBy !== row.made_by) return "owner"
      if (known.isJoined !== (row.joined_at !== null)) return "joined"
      return known.isDeactivated === (row.deactivated_at !== null) ? undefined : "deactivated"
    },
    person_roles: (row) => {
      see(`role ${row.person_id} ${row.role}`)
      return log.people.get(row.person_id)?.roles.has(row.role) === true ? undefined : "role"
    },
    person_relations: (row) => {
      const key = relationKey({ by: row.by_id, person: row.person_id, kind: row.kind, at: row.at.toISOString() })
      see(`relation ${key}`)
      return log.relations.has(key) ? undefined : "unknown"
    },
    credentials: proof,
    identities: proof,
    passkeys: (row) => {
      const id = passkeyId(row.credential_id)
      see(`passkey ${id}`)
      return log.passkeys.get(id) === row.person_id ? undefined : "proof"
    },
    setup: (row) => {
      see("setup")
      return (row.first_id !== null) === log.hasBegun ? undefined : "state"
    },
    approvals: (row) => {
      see(`approval ${row.id}`)
      const known = log.approvals.get(row.id)
      if (known === undefined) return "unknown"
      const { kind, about, requestedBy, state, decidedBy } = known
      if (kind !== row.kind || about !== row.subject || requestedBy !== row.requested_by) return "owner"
      return state === row.state && decidedBy === (row.decided_by ?? undefined) ? undefined : "decision"
    },
    holds: (row) => {
      see(`hold ${row.hold_id}`)
      const known = log.holds.get(row.hold_id)
      if (known === undefined || known.caseId !== row.case_id) return "unknown"
      if (known.until !== row.until?.toISOString()) return "lock"
      return known.isLifted === (row.lifted_at !== null) ? undefined : "lifted"
    },
    preservations: (row) => {
      const { evidence_id: id, case_id: caseId, state } = row
      pieces.set(caseId, (pieces.get(caseId) ?? 0) + 1)
      const fate = log.fates.get(id)
      if (fate === "evidence.destroyed") return state === "destroyed" ? undefined : "state"
      if (fate === "evidence.destruction-ordered") return state === "destroying" ? undefined : "state"
      if (state === "destroying" || state === "destroyed") return "state"
      const until = [log.locks.get(caseId) ?? "", log.locks.get(id) ?? ""].toSorted().at(-1) ?? ""
      if (state === "locked") return row.locked_until?.toISOString() === until ? undefined : "lock"
      // A piece that another case destroyed was kept for this one, beside its lock.
      return until === "" || fate === "preservation.clearing-cancelled" ? undefined : "lock"
    },
    policies: (row) => {
      see(`policies ${subjectOf(row.digest)}`)
      return (row.state === "active") === (log.activePolicy === subjectOf(row.digest)) ? undefined : "state"
    },
    le_requests: (row) => {
      see(`le_requests ${row.request_id}`)
      return isOver(row.request_id, row.state === "closed")
    },
    le_request_cases: (row) => see(`le_request_cases ${row.request_id} ${row.case_id}`),
    filing_authorisations: (row) => {
      see(`filing_authorisations ${row.authorisation_id}`)
      return isOver(row.authorisation_id, row.ended_at !== null)
    },
    false_positives: (row) => {
      see(`false_positives ${row.false_positive_id}`)
      return isOver(row.false_positive_id, row.state === "ended" || row.state === "withdrawn")
    },
    break_glass: (row) => isOver(row.id, row.state !== "waiting"),
  }
  const firstUnseen = (prefix: string, ids: Iterable<string>) => [...ids].find((id) => !seen.has(`${prefix} ${id}`))
  /** Rows that are never deleted. */
  const lastingOf = (table: string) => () =>
    [...log.lasting].find((key) => key.startsWith(`${table} `) && !seen.has(key))?.slice(table.length + 1)
  /** People without a row of the credential that they set last, for ids with this prefix. */
  const lacking = (prefix: string) =>
    [...log.people].find(([, { proof: id }]) => id?.startsWith(prefix) === true && !seen.has(`proof ${id}`))?.[0]
  const missing: { readonly [T in SealedTable]?: () => string | undefined } = {
    setup: () => (seen.has("setup") ? undefined : "setup"),
    service_keys: () => firstUnseen("key", log.keys.keys()),
    sources: () => firstUnseen("source", log.sources.keys()),
    people: () => firstUnseen("person", log.people.keys()),
    person_roles: () =>
      firstUnseen(
        "role",
        [...log.people].flatMap(([id, { roles }]) => [...roles].map((role) => `${id} ${role}`)),
      ),
    person_relations: () => firstUnseen("relation", log.relations),
    approvals: () => firstUnseen("approval", log.approvals.keys()),
    holds: () => firstUnseen("hold", log.holds.keys()),
    passkeys: () => firstUnseen("passkey", log.passkeys.keys()),
    policies: lastingOf("policies"),
    le_requests: lastingOf("le_requests"),
    le_request_cases: lastingOf("le_request_cases"),
    filing_authorisations: lastingOf("filing_authorisations"),
    false_positives: lastingOf("false_positives"),
    credentials: () => lacking("credential-"),
    identities: () => lacking("identity-"),
    preservations: () => {
      const short = [...log.preservations.least()].find(([caseId, least]) => (pieces.get(caseId) ?? 0) < least)
      return short?.[0]
    },
  }
  return { checks, missing }
}

interface Holder {
  readonly owner: string
  readonly isEnded: boolean
}

/** All rows of a table, in the order of their ids. */
async function* walkRows(db: Kysely<Tables>, table: SealedTable): AsyncGenerator<object> {
  const columns: readonly string[] = SEALED_TABLES[table].id
  const any = {
    db: db as unknown as Kysely<{ readonly row: Record<string, unknown> }>,
    table: table as unknown as "row",
  }
  const key = sql`(${sql.join(columns.map((column) => sql.ref(column)))})`
  for (let last: Record<string, unknown> | undefined; ; ) {
    let select = any.db.selectFrom(any.table).selectAll()
    for (const column of columns) select = select.orderBy(column)
    if (last !== undefined) {
      const row = last
      const values = sql.join(columns.map((column) => sql`${row[column]}`))
      select = select.where(sql<boolean>`${key} > (${values})`)
    }
    const page = await select.limit(PAGE).execute()
    yield* page
    last = page.at(-1)
    if (page.length < PAGE) return
  }
}

function isUnsealed(db: Kysely<Tables>, table: SealedTable, row: object): boolean {
  // Set-up's row has no MAC until it begins.
  if (table === "setup") {
    const { mac, first_id, second_id, complete_at } = row as SealedRow<"setup">
    if (mac === "" && first_id === null && second_id === null && complete_at === null) return false
  }
  return !isTrusted(() => checkRow(db, table, row))
}
