/**
 * Routes by which people prove, approve, withdraw and resume a report.
 * @module
 */
import {
  FileAloneBody,
  GrantAnswer,
  GrantBody,
  ProofBody,
  ReportSummary,
  VersionBody,
} from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute, needs, personOf } from "../../../platform/http/route.ts"
import { toReportId } from "../jobs/file-report.ts"
import { ReportParams, reportExists } from "../report-access.ts"
import type { ReportService } from "../service.ts"
import { toSummary } from "../view.ts"

/** Registers the routes from grant to approval. Whatever carries a proof needs a step-up too. */
export function approvalRoutes(app: FastifyInstance, { reports }: { readonly reports: ReportService }): void {
  const exists = reportExists(reports)

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/grant",
    summary: "Makes the grant that the preparer proves.",
    access: needs("report:prepare"),
    object: exists,
    params: ReportParams,
    body: GrantBody,
    reply: GrantAnswer,
    handle: async ({ actor, params, body }) => {
      const { head, grant } = await reports.grant(personOf(actor), toReportId(params.reportId), body)
      return { report: toSummary(head), grant }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/reports/:reportId/grant",
    summary: "Reads the grant that the approver proves.",
    access: needs("report:approve"),
    object: exists,
    params: ReportParams,
    reply: GrantAnswer,
    handle: async ({ params }) => {
      const { head, grant } = await reports.pendingGrant(toReportId(params.reportId))
      return { report: toSummary(head), grant }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/propose",
    summary: "Proposes a report, with the preparer's proof.",
    access: needs("report:prepare", "step-up"),
    object: exists,
    params: ReportParams,
    body: ProofBody,
    reply: ReportSummary,
    handle: async ({ actor, params, body: { version, proof } }) =>
      toSummary(await reports.propose(personOf(actor), toReportId(params.reportId), version, proof)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/approve",
    summary: "Approves a report, with a second person's proof.",
    access: needs("report:approve", "step-up"),
    object: exists,
    params: ReportParams,
    body: ProofBody,
    reply: ReportSummary,
    handle: async ({ actor, params, body: { version, proof } }) =>
      toSummary(await reports.approve(personOf(actor), toReportId(params.reportId), version, proof)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/file-alone",
    summary: "Files without a second person, with a reason; another person reviews it within a day.",
    access: needs("report:prepare", "step-up"),
    object: exists,
    params: ReportParams,
    body: FileAloneBody,
    reply: ReportSummary,
    handle: async ({ actor, params, body }) =>
      toSummary(await reports.fileAlone(personOf(actor), toReportId(params.reportId), body)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/single-person-review",
    summary: "Reviews a single-person filing.",
    access: needs("report:approve"),
    object: exists,
    params: ReportParams,
    reply: ReportSummary,
    handle: async ({ actor, params }) =>
      toSummary(await reports.reviewSinglePersonFiling(personOf(actor), toReportId(params.reportId))),
  })

  for (const verb of ["withdraw", "resume"] as const) {
    addRoute(app, {
      method: "POST",
      url: `/v1/reports/:reportId/${verb}`,
      summary: verb === "withdraw" ? "Withdraws a report that was not filed." : "Lets a held filing go on.",
      access: needs("report:prepare"),
      object: exists,
      params: ReportParams,
      body: VersionBody,
      reply: ReportSummary,
      handle: async ({ actor, params, body }) =>
        toSummary(await reports[verb](personOf(actor), toReportId(params.reportId), body.version)),
    })
  }
}
