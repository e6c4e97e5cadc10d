/**
 * Routes of the CyberTipline's answers.
 * @module
 */
import { FilingAnswers, ReceivedAnswer } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, type ObjectCheck } from "../../../platform/http/route.ts"
import { toReportId } from "../jobs/file-report.ts"
import { ReportParams } from "../report-access.ts"
import { type AnswerDeps, listAnswers, readReceived } from "./answers.ts"

const AnswerParams = ReportParams.extend({
  ordinal: z.coerce.number().int().min(1).max(1_000_000),
})

/** Dependencies of {@link answerRoutes}. */
export interface AnswerRouteDeps extends AnswerDeps {
  readonly exists: ObjectCheck<{ readonly reportId: string }>
  /** Records in the log that a person reads a report's content, before they do. */
  readonly read: (actorId: string, reportId: string) => Promise<unknown>
}

/** Registers the routes of the CyberTipline's answers to a report, for `report:approve`. */
export function answerRoutes(app: FastifyInstance, deps: AnswerRouteDeps): void {
  const access = { kind: "permission", permission: "report:approve" } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/reports/:reportId/answers",
    summary: "Lists the CyberTipline's answer to each call: receipts, Request-IDs, reasons; this is recorded.",
    access,
    object: deps.exists,
    params: ReportParams,
    reply: FilingAnswers,
    handle: async ({ actor, params }) => {
      const reportId = toReportId(params.reportId)
      await deps.read(actor.id, reportId)
      return { answers: await listAnswers(deps, reportId) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/reports/:reportId/answers/:ordinal",
    summary: "Reads one answer byte for byte, such as the receipt of a finished report; this is recorded.",
    access,
    object: deps.exists,
    params: AnswerParams,
    reply: ReceivedAnswer,
    handle: async ({ actor, params }) => {
      const reportId = toReportId(params.reportId)
      await deps.read(actor.id, reportId)
      return { received: await readReceived(deps, reportId, params.ordinal) }
    },
  })
}
