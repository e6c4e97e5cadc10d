/**
 * Routes of filing through the CyberTipline's own form.
 * @module
 */
import { ManualFilingAnswer, ManualFilingBody, ManualFilingSheet } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { type TransactDeps, transact } from "../../../platform/events/transact.ts"
import { addRoute, needs, personOf } from "../../../platform/http/route.ts"
import type { Approvals } from "../../../staff/approvals/service.ts"
import { toReportId } from "../jobs/file-report.ts"
import { ReportParams, reportExists } from "../report-access.ts"
import type { ReportService } from "../service.ts"
import { MANUAL_FILING_APPROVAL } from "./manual-filing.ts"
import { toManualFilingSheet } from "./manual-filing-sheet.ts"

/** Dependencies of {@link manualRoutes}. */
export interface ManualRouteDeps extends TransactDeps {
  readonly reports: Pick<ReportService, "exists" | "open">
  readonly approvals: Pick<Approvals, "request">
}

/** Registers the sheet for manual filing and the record that it was filed. Both need a step-up. */
export function manualRoutes(app: FastifyInstance, deps: ManualRouteDeps): void {
  const { reports } = deps
  const exists = reportExists(reports)

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/manual-filing",
    summary: "Records that a report was filed through the CyberTipline's own form; a second person confirms it.",
    access: needs("report:prepare", "step-up"),
    object: exists,
    params: ReportParams,
    body: ManualFilingBody,
    reply: ManualFilingAnswer,
    status: 202,
    handle: async ({ actor, params, body: { remoteReportId } }) => {
      const approval = await transact(deps, actor.id, (tx) =>
        deps.approvals.request(tx, personOf(actor), MANUAL_FILING_APPROVAL, toReportId(params.reportId), {
          remoteReportId,
        }),
      )
      return { approvalId: approval.id }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/manual-sheet",
    summary: "Writes the sheet for filing manually; this is recorded.",
    access: needs("report:prepare", "step-up"),
    object: exists,
    params: ReportParams,
    reply: ManualFilingSheet,
    handle: async ({ actor, params }) => {
      const reportId = toReportId(params.reportId)
      const { content } = await reports.open(reportId)
      await transact(deps, actor.id, async ({ record }) =>
        record({ type: "report.filing-sheet-written", subject: reportId }),
      )
      return { markdown: toManualFilingSheet(reportId, content) }
    },
  })
}
