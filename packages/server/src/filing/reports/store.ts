/**
 * Reports in the database. The content of a report is sealed under its case's key before it gets here.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { Kysely, Selectable, Transaction } from "kysely"
import type { Environment, ReportKind, ReportState, ReportTables } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { ReportId } from "./types.ts"

/** A report's row, without its content. */
export interface ReportHead {
  readonly id: ReportId
  readonly caseId: string
  readonly kind: ReportKind
  readonly environment: Environment
  readonly state: ReportState
  /** Raised by each change: a caller who changes a report names the version that they saw. */
  readonly version: number
  readonly grantId: string | undefined
  readonly preparedBy: string
  readonly approvedBy: string | undefined
  readonly singlePersonReason: string | undefined
  /** The filing authorisation of an automatically filed report, which no person prepared. */
  readonly authorisationId: string | undefined
  readonly singlePersonReviewedBy: string | undefined
  readonly createdAt: Date
  readonly proposedAt: Date | undefined
  readonly approvedAt: Date | undefined
  readonly finishedAt: Date | undefined
  readonly dueAt: Date | undefined
  readonly remoteReportId: string | undefined
  readonly heldCode: string | undefined
  readonly heldResponseCode: number | undefined
  readonly resumes: number
  /** Who let it count as filed although its receipt names other files than were uploaded. */
  readonly receiptAcceptedBy: string | undefined
  readonly nextTryAt: Date | undefined
}

/** A report's row with its sealed parts. */
export interface StoredReport extends ReportHead {
  readonly content: Buffer
  readonly proven: Buffer | undefined
}

type Row = Selectable<ReportTables["reports"]>

/** Members that a change of state may set. */
export type ReportPatch = Partial<Omit<Row, "id" | "case_id" | "kind" | "version" | "created_at">>

/** Inserts a report in state `draft`; `content` is sealed. */
export async function insertDraft(
  trx: Transaction<Tables>,
  draft: Pick<Row, "id" | "case_id" | "kind" | "environment" | "content" | "prepared_by" | "created_at" | "due_at">,
): Promise<void> {
  await trx
    .insertInto("reports")
    .values({ ...EMPTY, ...draft, state: "draft" })
    .execute()
}

const EMPTY = {
  version: 1,
  proven: null,
  grant_id: null,
  approved_by: null,
  single_person_reason: null,
  authorisation_id: null,
  single_person_reviewed_by: null,
  single_person_reviewed_at: null,
  proposed_at: null,
  approved_at: null,
  finished_at: null,
  remote_report_id: null,
  held_code: null,
  held_response_code: null,
  resumes: 0,
  receipt_accepted_by: null,
  next_try_at: null,
  lease_token: null,
  lease_until: null,
} as const

/** Reads a report; `undefined` if it does not exist. With `lock`, nobody else changes it until the transaction ends. */
export async function readReport(db: Kysely<Tables>, id: ReportId, lock = false): Promise<StoredReport | undefined> {
  const select = db.selectFrom("reports").selectAll().where("id", "=", id)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row === undefined ? undefined : toReport(row)
}

/** Reads a report as {@link readReport} does. @throws {RequestError} `not_found`. */
export async function readReportOrThrow(db: Kysely<Tables>, id: ReportId, lock = false): Promise<StoredReport> {
  const report = await readReport(db, id, lock)
  if (report === undefined) throw new RequestError("not_found", "there is no such report")
  return report
}

/**
 * Changes a report that is in one of the given states and, if given, of that version.
 *
 * @throws {RequestError} `state_conflict` if it is not: somebody was faster.
 */
export async function patchReport(
  trx: Transaction<Tables>,
  id: ReportId,
  from: { readonly states: readonly ReportState[]; readonly version?: number },
  patch: ReportPatch,
): Promise<StoredReport> {
  let update = trx
    .updateTable("reports")
    .set((eb) => ({ ...patch, version: eb("version", "+", 1) }))
    .where("id", "=", id)
    .where("state", "in", from.states)
  if (from.version !== undefined) update = update.where("version", "=", from.version)
  const row = await update.returningAll().executeTakeFirst()
  if (row === undefined) {
    throw new RequestError("state_conflict", "the report has changed: somebody was faster", {
      details: { report: id },
    })
  }
  return toReport(row)
}

/** Filter and page of a list of reports. */
export interface ReportQuery {
  readonly states?: readonly ReportState[]
  readonly caseId?: string
  readonly environment?: Environment
  /** Only those after this one, in the list's order. */
  readonly after?: { readonly createdAt: Date; readonly id: string }
  readonly limit: number
}

/** Lists reports, newest first. */
export async function listReports(db: Kysely<Tables>, query: ReportQuery): Promise<readonly ReportHead[]> {
  let select = db.selectFrom("reports").selectAll()
  if (query.states !== undefined) select = select.where("state", "in", query.states)
  if (query.caseId !== undefined) select = select.where("case_id", "=", query.caseId)
  if (query.environment !== undefined) select = select.where("environment", "=", query.environment)
  const { after } = query
  if (after !== undefined) {
    select = select.where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(after.createdAt, after.id)))
  }
  const rows = await select.orderBy("created_at", "desc").orderBy("id", "desc").limit(query.limit).execute()
  return rows.map(toReport)
}

/** Longest wait before a filing is tried again, seconds. */
export const MAX_RETRY_SECONDS = 1800

/**
 * Reports whose filing may go on now: approved, and not waiting. A wait that ends later than any wait could was set by
 * a clock that ran ahead, and does not count.
 */
export async function dueToFile(db: Kysely<Tables>, now: Date, limit: number): Promise<readonly ReportId[]> {
  const rows = await db
    .selectFrom("reports")
    .select("id")
    .where("state", "=", "approved")
    .where((eb) =>
      eb.or([
        eb("next_try_at", "is", null),
        eb("next_try_at", "<=", now),
        eb("next_try_at", ">", new Date(now.getTime() + 2 * MAX_RETRY_SECONDS * 1000)),
      ]),
    )
    .orderBy("next_try_at")
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id as ReportId)
}

function toReport(row: Row): StoredReport {
  return {
    id: row.id as ReportId,
    caseId: row.case_id,
    kind: row.kind,
    environment: row.environment,
    state: row.state,
    version: row.version,
    grantId: row.grant_id ?? undefined,
    preparedBy: row.prepared_by,
    approvedBy: row.approved_by ?? undefined,
    singlePersonReason: row.single_person_reason ?? undefined,
    authorisationId: row.authorisation_id ?? undefined,
    singlePersonReviewedBy: row.single_person_reviewed_by ?? undefined,
    createdAt: row.created_at,
    proposedAt: row.proposed_at ?? undefined,
    approvedAt: row.approved_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    dueAt: row.due_at ?? undefined,
    remoteReportId: row.remote_report_id ?? undefined,
    heldCode: row.held_code ?? undefined,
    heldResponseCode: row.held_response_code ?? undefined,
    resumes: row.resumes,
    receiptAcceptedBy: row.receipt_accepted_by ?? undefined,
    nextTryAt: row.next_try_at ?? undefined,
    content: row.content,
    proven: row.proven ?? undefined,
  }
}
