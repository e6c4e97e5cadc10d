/**
 * Routes of reports: their list and states here, the rest by group in the folders of this feature.
 * @module
 */
import { FilingSteps, ReportList, ReportListQuery } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { addRoute, needs } from "../../platform/http/route.ts"
import { answerRoutes } from "./answers/routes.ts"
import { approvalRoutes } from "./approval/routes.ts"
import type { SealedReports } from "./content/sealed.ts"
import { type DraftRouteDeps, draftRoutes } from "./draft/routes.ts"
import { toReportId } from "./jobs/file-report.ts"
import { type ManualRouteDeps, manualRoutes } from "./manual/routes.ts"
import { ReportParams, recordReading, reportExists } from "./report-access.ts"
import type { ReportService } from "./service.ts"
import { OPEN_STATES } from "./types.ts"
import { toStepView, toSummary } from "./view.ts"
import { afterOf, toList } from "./worklist/paging.ts"

/** Dependencies of {@link reportRoutes}. */
export interface ReportRouteDeps extends DraftRouteDeps, ManualRouteDeps {
  readonly reports: ReportService
  readonly sealed: SealedReports
}

/** Registers the routes of reports, from draft to filing. */
export function reportRoutes(app: FastifyInstance, deps: ReportRouteDeps): void {
  const { db, reports, sealed } = deps
  const exists = reportExists(reports)

  answerRoutes(app, { db, sealed, exists, read: (actorId, reportId) => recordReading(deps, actorId, reportId) })
  addRoute(app, {
    method: "GET",
    url: "/v1/reports",
    summary: "Lists reports, newest first.",
    access: needs("report:read"),
    object: { kind: "none", because: "a list shows ids, codes and times alone" },
    query: ReportListQuery,
    reply: ReportList,
    handle: async ({ query }) => {
      const { state, caseId, environment, after, limit } = query
      const found = await reports.list(
        compact({
          limit: limit + 1,
          states: state === undefined ? undefined : state === "open" ? OPEN_STATES : [state],
          caseId,
          environment,
          ...afterOf(after),
        }),
      )
      return toList(found, limit)
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/reports/:reportId/steps",
    summary: "Reads a report's state and the calls of its filing so far.",
    access: needs("report:read"),
    object: exists,
    params: ReportParams,
    reply: FilingSteps,
    handle: async ({ params }) => {
      const reportId = toReportId(params.reportId)
      const report = await reports.get(reportId)
      return { report: toSummary(report), steps: (await reports.steps(reportId)).map(toStepView) }
    },
  })

  draftRoutes(app, deps)
  approvalRoutes(app, { reports })
  manualRoutes(app, deps)
}
