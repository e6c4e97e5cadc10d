/**
 * Reports that no person prepares or approves.
 * @module
 */
import type { AutomaticFilingGrant } from "@nightlight/contract/custodian"
import type { ReportKind } from "../../platform/db/tables/filing.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { FILE_REPORT, type ReportDeps } from "./ports.ts"
import { insertDraft, patchReport, type ReportHead } from "./store.ts"
import type { ReportContent, ReportId } from "./types.ts"

/** In the place of the preparer's id. */
export const UNATTENDED = "system-automatic"

/** A whole report, and what permits its filing. */
export interface UnattendedReport {
  readonly id: ReportId
  readonly caseId: string
  readonly kind: ReportKind
  readonly content: ReportContent
  readonly grant: AutomaticFilingGrant
  readonly dueAt: Date | undefined
}

/** Drafts and approves a report, and queues its filing. */
export async function queueUnattended(
  { sealed, clock, environment, jobs }: ReportDeps,
  { trx, record }: EventTransaction,
  { id, caseId, kind, content, grant, dueAt }: UnattendedReport,
): Promise<ReportHead> {
  const now = clock.now()
  const { authorisationId: authorisation, grantId } = grant
  await insertDraft(trx, {
    id,
    case_id: caseId,
    kind,
    environment,
    content: await sealed.sealContent(trx, { id, caseId }, content),
    prepared_by: UNATTENDED,
    created_at: now,
    due_at: dueAt ?? null,
  })
  const due = dueAt?.toISOString()
  record({ type: "report.drafted", subject: id, data: { case: caseId, kind, environment, due, authorisation } })
  const proven = await sealed.sealGrant(trx, { id, caseId }, { grant, proofs: [] })
  const approved = await patchReport(
    trx,
    id,
    { states: ["draft"], version: 1 },
    { state: "approved", proven, grant_id: grantId, authorisation_id: authorisation, approved_at: now },
  )
  record({ type: "report.automatic", subject: id, data: { authorisation, grant: grantId } })
  await jobs.enqueue(trx, FILE_REPORT, { reportId: id })
  return approved
}
