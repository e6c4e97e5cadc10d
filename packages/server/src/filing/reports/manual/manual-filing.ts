/**
 * Reports that a person filed through the CyberTipline's own form, because the service was down: two people confirm it,
 * and from then on it is a finished report like any other.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { ReportState } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import type { ApprovalDefinition } from "../../../staff/approvals/types.ts"
import type { SealedReports } from "../content/sealed.ts"
import type { FinishedHook } from "../ports.ts"
import { patchReport, readReport, type StoredReport } from "../store.ts"
import type { ReportId } from "../types.ts"

/** Kind of the approval; its subject is the report. */
export const MANUAL_FILING_APPROVAL = "report.manual-filing"

/** The id that the CyberTipline's form gave. */
export const ManualFilingPayload = z.strictObject({ remoteReportId: z.string().regex(/^\d{1,19}$/) })
export type ManualFilingPayload = z.infer<typeof ManualFilingPayload>

/** Dependencies of {@link manualFilingApproval}. */
export interface ManualFilingDeps {
  readonly clock: Clock
  readonly sealed: SealedReports
  readonly finishedHooks: readonly FinishedHook[]
}

/**
 * States of a report that can have been filed manually. Not `approved`: a filing may be under way, and a person would
 * file a second time.
 */
const FROM: readonly ReportState[] = ["draft", "proposed", "held"]

/** Defines the approval of a manual filing: one reporter requests it, another person approves it. */
export function manualFilingApproval({
  clock,
  sealed,
  finishedHooks,
}: ManualFilingDeps): ApprovalDefinition<ManualFilingPayload> {
  return {
    kind: MANUAL_FILING_APPROVAL,
    payload: ManualFilingPayload,
    requestPermission: "report:prepare",
    approvePermission: "report:approve",
    assertRequestable: async ({ trx }, { subject }) => void (await mustBeFilable(trx, subject as ReportId)),
    perform: async (tx, { remoteReportId }, { approvalId, subject, requestedBy, approvedBy }) => {
      const { id: reportId, caseId } = await mustBeFilable(tx.trx, subject as ReportId)
      // The CyberTipline's own form files in production, whichever host the draft was made for.
      const environment = "production" as const
      const finishedAt = clock.now()
      const report = await patchReport(
        tx.trx,
        reportId,
        { states: FROM },
        {
          state: "manual",
          environment,
          finished_at: finishedAt,
          remote_report_id: remoteReportId,
          prepared_by: requestedBy,
          approved_by: approvedBy,
          next_try_at: null,
        },
      )
      tx.record({
        type: "report.filed-manually",
        subject: reportId,
        data: { approval: approvalId, case: caseId, environment, remoteReportId, requestedBy, approvedBy },
      })
      const { files } = await sealed.openContent(tx.trx, report, report.content)
      const evidenceIds = files.map(({ evidenceId }) => evidenceId)
      for (const hook of finishedHooks) {
        await hook(tx, { reportId, caseId, environment, remoteReportId, evidenceIds, finishedAt })
      }
      return undefined
    },
  }
}

async function mustBeFilable(db: Kysely<Tables>, reportId: ReportId): Promise<StoredReport> {
  const report = await readReport(db, reportId)
  if (report === undefined) throw new RequestError("not_found", "there is no such report")
  if (!FROM.includes(report.state) || report.heldCode === "receipt-differs") {
    throw new RequestError(
      "state_conflict",
      "a report that is being filed or was filed cannot be filed manually as well",
    )
  }
  return report
}
