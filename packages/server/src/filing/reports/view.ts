/**
 * Reports as the API shows them.
 * @module
 */

import type { FilingStepView, ReportSummary } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { z } from "zod"
import type { FilingStep } from "./filing/steps.ts"
import type { ReportHead } from "./store.ts"

/** State, people and times (ISO 8601) of a report, without its sealed content. */
export function toSummary(report: ReportHead): ReportSummary {
  return compact({
    id: report.id,
    caseId: report.caseId,
    kind: report.kind,
    environment: report.environment,
    state: report.state,
    version: report.version,
    preparedBy: report.preparedBy,
    createdAt: report.createdAt.toISOString(),
    approvedBy: report.approvedBy,
    singlePersonReason: report.singlePersonReason,
    automatic: report.authorisationId,
    singlePersonReviewedBy: report.singlePersonReviewedBy,
    proposedAt: report.proposedAt?.toISOString(),
    approvedAt: report.approvedAt?.toISOString(),
    finishedAt: report.finishedAt?.toISOString(),
    dueAt: report.dueAt?.toISOString(),
    remoteReportId: report.remoteReportId,
    heldCode: report.heldCode,
    heldResponseCode: report.heldResponseCode,
    nextTryAt: report.nextTryAt?.toISOString(),
  })
}

/** A step without the custodian's answer. `outcome` is absent until the call has ended. */
export function toStepView({ attempt, step, startedAt, outcome }: FilingStep): z.infer<typeof FilingStepView> {
  return compact({
    attempt,
    call: step.call,
    startedAt: startedAt.toISOString(),
    evidenceId: "evidenceId" in step ? step.evidenceId : undefined,
    outcome: outcome?.kind,
    responseCode: outcome?.kind === "rejected" ? outcome.responseCode : undefined,
  })
}
