/**
 * Access to one report, which all of its routes share.
 * @module
 */
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { ObjectCheck } from "../../platform/http/route.ts"
import { toReportId } from "./jobs/file-report.ts"
import { readReport } from "./store.ts"

/** Parameters of a route about a report. */
export const ReportParams = z.strictObject({ reportId: z.string().max(80) })

/** Answers `not_found` for a report that does not exist. */
export function reportExists(db: Kysely<Tables>): ObjectCheck<z.infer<typeof ReportParams>> {
  return {
    kind: "check",
    allows: async (_actor, { reportId }) => (await readReport(db, toReportId(reportId))) !== undefined,
  }
}

/** Records `report.read` before a person is sent a report's content. */
export function recordReading(deps: TransactDeps, actorId: string, reportId: string): Promise<void> {
  return transact(deps, actorId, async ({ record }) => record({ type: "report.read", subject: reportId }))
}
