/**
 * Access to one report, which all of its routes share.
 * @module
 */
import { z } from "zod"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { ObjectCheck } from "../../platform/http/route.ts"
import { toReportId } from "./jobs/file-report.ts"
import type { ReportService } from "./service.ts"

/** Parameters of a route about a report. */
export const ReportParams = z.strictObject({ reportId: z.string().max(80) })

/** Answers `not_found` for a report that does not exist. */
export function reportExists(reports: Pick<ReportService, "exists">): ObjectCheck<z.infer<typeof ReportParams>> {
  return {
    kind: "check",
    allows: (_actor, { reportId }) => reports.exists(toReportId(reportId)),
  }
}

/** Records `report.read` before a person is sent a report's content. */
export function recordReading(deps: TransactDeps, actorId: string, reportId: string): Promise<void> {
  return transact(deps, actorId, async ({ record }) => record({ type: "report.read", subject: reportId }))
}
