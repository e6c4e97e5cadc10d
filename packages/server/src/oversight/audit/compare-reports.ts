/**
 * Compares reports with the log: their rows carry no MAC.
 * @module
 */
import type { RowDifference } from "@nightlight/contract/server"
import type { Kysely, Selectable } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { Rebuilt } from "./rebuild.ts"
import type { RebuiltReport } from "./rebuild-reports.ts"
import { orUnreadable, type RowProblem } from "./row-problem.ts"

/**
 * All columns of a report except the content sealed under its case's key, a worker's lease and next try, which expire,
 * and its version.
 */
const COLUMNS = [
  "id",
  "case_id",
  "kind",
  "environment",
  "state",
  "grant_id",
  "prepared_by",
  "approved_by",
  "single_person_reason",
  "authorisation_id",
  "single_person_reviewed_by",
  "single_person_reviewed_at",
  "created_at",
  "proposed_at",
  "approved_at",
  "finished_at",
  "due_at",
  "remote_report_id",
  "held_code",
  "held_response_code",
  "resumes",
  "receipt_accepted_by",
] as const

type Row = Pick<Selectable<Tables["reports"]>, (typeof COLUMNS)[number]>

const PAGE = 2_000

/** A time in a row was read from the clock in the transaction that wrote the event. */
const NEAR_MS = 10 * 60_000

/** Finds the first report that the log does not know, that differs from it, or that is missing. */
export async function findReportProblem(db: Kysely<Tables>, log: Rebuilt): Promise<RowProblem | undefined> {
  const seen = new Set<string>()
  for (let after = ""; ; ) {
    const rows = await db
      .selectFrom("reports")
      .select(COLUMNS)
      .where("id", ">", after)
      .orderBy("id")
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      seen.add(row.id)
      const known = log.reports.get(row.id)
      const what = known === undefined ? "unknown" : orUnreadable(() => differenceOf(row, known))
      if (what !== undefined) return { table: "reports", id: row.id, what }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) break
    after = last.id
  }
  const missing = [...log.reports.keys()].find((id) => !seen.has(id))
  return missing === undefined ? undefined : { table: "reports", id: missing, what: "missing" }
}

function differenceOf(row: Row, said: RebuiltReport): RowDifference | undefined {
  if (row.case_id !== said.caseId || row.kind !== said.kind) return "owner"
  const isApprovedSo =
    row.prepared_by === said.preparedBy &&
    isText(row.grant_id, said.grantId) &&
    isNear(row.proposed_at, said.proposedAt) &&
    isText(row.approved_by, said.approvedBy) &&
    isNear(row.approved_at, said.approvedAt) &&
    isText(row.single_person_reason, said.singlePersonReason) &&
    isText(row.authorisation_id, said.authorisationId) &&
    isText(row.single_person_reviewed_by, said.reviewedBy) &&
    isNear(row.single_person_reviewed_at, said.reviewedAt) &&
    isText(row.receipt_accepted_by, said.receiptAcceptedBy)
  if (!isApprovedSo) return "approval"
  if (!isNear(row.created_at, said.createdAt) || row.due_at?.toISOString() !== said.dueAt) return "deadline"
  const isSame =
    row.state === said.state &&
    row.environment === said.environment &&
    isText(row.remote_report_id, said.remoteReportId) &&
    isNear(row.finished_at, said.finishedAt) &&
    isText(row.held_code, said.heldCode) &&
    (row.held_response_code ?? undefined) === said.heldResponseCode &&
    row.resumes === said.resumes
  return isSame ? undefined : "state"
}

function isText(column: string | null, said: string | undefined): boolean {
  return (column ?? undefined) === said
}

function isNear(column: Date | null, said: string | undefined): boolean {
  if (column === null || said === undefined) return column === null && said === undefined
  return Math.abs(column.getTime() - Date.parse(said)) <= NEAR_MS
}
