/**
 * Routes that write and read the content of a report.
 * @module
 */
import {
  DraftBody,
  ReportDetail,
  ReportEditBody,
  ReportForm,
  ReportPreview,
  ReportSummary,
} from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import type { TransactDeps } from "../../../platform/events/transact.ts"
import { addRoute, needs, personOf } from "../../../platform/http/route.ts"
import { toReportForm } from "../content/form.ts"
import { toPreview } from "../content/preview.ts"
import { problemsOf } from "../content/problems.ts"
import { toReportId } from "../jobs/file-report.ts"
import type { AreIndependent } from "../ports.ts"
import { ReportParams, recordReading, reportExists } from "../report-access.ts"
import type { OpenedReport, ReportService } from "../service.ts"
import type { ReportFile } from "../types.ts"
import { toSummary } from "../view.ts"
import { scoreCompleteness } from "./completeness.ts"

/** Dependencies of {@link draftRoutes}. */
export interface DraftRouteDeps extends TransactDeps {
  readonly reports: Pick<ReportService, "draft" | "exists" | "open" | "edit" | "steps">
  readonly areIndependent: AreIndependent
}

const CaseParams = z.strictObject({ caseId: z.string().max(80) })

/** Registers the routes of a report's content and form. Whoever opens content is recorded first. */
export function draftRoutes(app: FastifyInstance, deps: DraftRouteDeps): void {
  const { db, clock, reports } = deps
  const exists = reportExists(reports)
  const detail = async (
    actor: PersonActor,
    { head, content }: OpenedReport,
  ): Promise<z.input<typeof ReportDetail>> => ({
    report: toSummary(head),
    document: { ...content.document },
    files: content.files.map((file) => ({ ...file, details: { ...file.details } })),
    origins: { ...content.origins },
    problems: problemsOf(content, clock.now()).map((problem) => ({ ...problem })),
    completeness: {
      ...scoreCompleteness(content),
      items: scoreCompleteness(content).items.map((item) => ({ ...item })),
    },
    mayApprove: head.preparedBy !== actor.id && (await deps.areIndependent(db, head.preparedBy, actor.id)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/reports",
    summary: "Fills a draft from a decided case.",
    access: needs("report:prepare"),
    object: {
      kind: "none",
      because: "drafting answers not_found and state_conflict for cases that cannot be reported",
    },
    params: CaseParams,
    body: DraftBody,
    reply: ReportSummary,
    status: 201,
    handle: async ({ actor, params, body }) =>
      toSummary(await reports.draft(personOf(actor), params.caseId, body.kind)),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/reports/:reportId",
    summary: "Opens a report with its content; this is recorded.",
    // Approvers read what they approve.
    access: needs("report:approve"),
    object: exists,
    params: ReportParams,
    reply: ReportDetail,
    handle: async ({ actor, params }) => {
      const reportId = toReportId(params.reportId)
      const opened = await reports.open(reportId)
      await recordReading(deps, actor.id, reportId)
      return detail(personOf(actor), opened)
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/reports/:reportId/preview",
    summary: "Shows a report as it is sent, byte for byte; this is recorded.",
    access: needs("report:approve"),
    object: exists,
    params: ReportParams,
    reply: ReportPreview,
    handle: async ({ actor, params }) => {
      const reportId = toReportId(params.reportId)
      const { content } = await reports.open(reportId)
      const problems = problemsOf(content, clock.now())
      if (problems.length > 0) {
        throw new RequestError("input_invalid", "the CyberTipline would refuse this report", {
          details: { problems: problems.length },
          hint: "GET the report: each problem names its path.",
        })
      }
      await recordReading(deps, actor.id, reportId)
      return toPreview(content, await reports.steps(reportId))
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/report-form",
    summary: "Reads the form of a report: the CyberTipline's schema as data.",
    access: needs("report:approve"),
    object: { kind: "none", because: "it is the same for everybody" },
    reply: ReportForm,
    handle: async () => toReportForm(),
  })

  addRoute(app, {
    method: "PUT",
    url: "/v1/reports/:reportId",
    summary: "Replaces the content of a draft.",
    access: needs("report:prepare"),
    object: exists,
    params: ReportParams,
    body: ReportEditBody,
    reply: ReportSummary,
    bodyLimitBytes: 4 * 1024 * 1024,
    handle: async ({ actor, params, body }) => {
      const { version, document, files } = body
      const content = { document, files: files as readonly unknown[] as readonly ReportFile[] }
      return toSummary(await reports.edit(personOf(actor), toReportId(params.reportId), version, content))
    },
  })
}
