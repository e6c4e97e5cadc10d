/**
 * Routes of reports.
 * @module
 */
import {
  DraftBody,
  FileAloneBody,
  FilingSteps,
  GrantAnswer,
  GrantBody,
  ManualFilingAnswer,
  ManualFilingBody,
  ManualSheet,
  ProofBody,
  ReportDetail,
  ReportEditBody,
  ReportForm,
  ReportList,
  ReportListQuery,
  ReportPreview,
  ReportSummary,
  VersionBody,
} from "@nightlight/contract/server"
import { type Clock, compact, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Permission } from "../../platform/auth/permissions.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import { addRoute, type ObjectCheck, personOf } from "../../platform/http/route.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import { answerRoutes } from "./answers/routes.ts"
import { toReportForm } from "./content/form.ts"
import { toPreview } from "./content/preview.ts"
import { problemsOf } from "./content/problems.ts"
import type { SealedReports } from "./content/sealed.ts"
import { scoreCompleteness } from "./draft/completeness.ts"
import { readSteps } from "./filing/filing-store.ts"
import { toReportId } from "./jobs/file-report.ts"
import { MANUAL_FILING_APPROVAL } from "./manual/manual-filing.ts"
import { toManualSheet } from "./manual/manual-sheet.ts"
import type { AreIndependent } from "./ports.ts"
import type { OpenedReport, ReportService } from "./service.ts"
import { listReports, readReport } from "./store.ts"
import { OPEN_STATES, type ReportFile } from "./types.ts"
import { toStepView, toSummary } from "./view.ts"
import { afterOf, toList } from "./worklist/paging.ts"

/** Dependencies of {@link reportRoutes}. */
export interface ReportRouteDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly reports: ReportService
  readonly approvals: Pick<Approvals, "request">
  readonly areIndependent: AreIndependent
  readonly sealed: SealedReports
}

const ReportParams = z.strictObject({ reportId: z.string().max(80) })
const CaseParams = z.strictObject({ caseId: z.string().max(80) })

/** Registers the routes of reports, from draft to filing. */
export function reportRoutes(app: FastifyInstance, deps: ReportRouteDeps): void {
  const { db, clock, reports } = deps
  const exists: ObjectCheck<z.infer<typeof ReportParams>> = {
    kind: "check",
    allows: async (_actor, { reportId }) => (await readReport(db, toReportId(reportId))) !== undefined,
  }
  const needs = (permission: Permission, stepUp = false) =>
    ({ kind: "permission", permission, ...compact({ stepUp: stepUp ? (true as const) : undefined }) }) as const
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
  /** Records that a person reads a report's content, before they do. */
  const read = (actorId: string, reportId: string) =>
    transact(deps, actorId, async ({ record }) => record({ type: "report.read", subject: reportId }))

  answerRoutes(app, { db, sealed: deps.sealed, exists, read })

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
      const found = await listReports(
        db,
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
      await read(actor.id, reportId)
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
      await read(actor.id, reportId)
      return toPreview(content, await readSteps(db, reportId))
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
    access: needs("report:prepare", true),
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
    access: needs("report:approve", true),
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
    access: needs("report:prepare", true),
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

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/manual-filing",
    summary: "Records that a report was filed through the CyberTipline's own form; a second person confirms it.",
    access: needs("report:prepare", true),
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
    method: "GET",
    url: "/v1/reports/:reportId/steps",
    summary: "Reads a report's state and the calls of its filing so far.",
    access: needs("report:read"),
    object: exists,
    params: ReportParams,
    reply: FilingSteps,
    handle: async ({ params }) => {
      const reportId = toReportId(params.reportId)
      const report = await readReport(db, reportId)
      if (report === undefined) throw new RequestError("not_found", "there is no such report")
      return { report: toSummary(report), steps: (await readSteps(db, reportId)).map(toStepView) }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/reports/:reportId/manual-sheet",
    summary: "Writes the sheet for filing manually; this is recorded.",
    access: needs("report:prepare", true),
    object: exists,
    params: ReportParams,
    reply: ManualSheet,
    handle: async ({ actor, params }) => {
      const reportId = toReportId(params.reportId)
      const { content } = await reports.open(reportId)
      await transact(deps, actor.id, async ({ record }) => record({ type: "report.sheet-written", subject: reportId }))
      return { markdown: toManualSheet(reportId, content) }
    },
  })
}
