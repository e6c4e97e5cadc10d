/**
 * Reports as the API shows them.
 * @module
 */
import type { FilingStepView, ReportSummary } from "@nightlight/contract/server"
import type { z } from "zod"
import type { FilingStep } from "./filing/steps.ts"
import type { ReportHead } from "./store.ts"

/** Shapes a report's head. */
export function toSummary(report: ReportHead): ReportSummary {
  return {
    id: report.id,
    caseId: report.caseId,
    kind: report.kind,
    environment: report.environment,
    state: report.state,
    version: report.version,
    preparedBy: report.preparedBy,
    createdAt: report.createdAt.toISOString(),
    ...present("approvedBy", report.approvedBy),
    ...present("soleReason", report.soleReason),
    ...present("automatic", report.standingId),
    ...present("soleReviewedBy", report.soleReviewedBy),
    ...present("proposedAt", report.proposedAt?.toISOString()),
    ...present("approvedAt", report.approvedAt?.toISOString()),
    ...present("finishedAt", report.finishedAt?.toISOString()),
    ...present("dueAt", report.dueAt?.toISOString()),
    ...present("remoteReportId", report.remoteReportId),
    ...present("heldCode", report.heldCode),
    ...present("heldResponseCode", report.heldResponseCode),
    ...present("nextTryAt", report.nextTryAt?.toISOString()),
  }
}

/** Shapes a step of a filing. */
export function toStepView({ attempt, step, startedAt, outcome }: FilingStep): z.infer<typeof FilingStepView> {
  return {
    attempt,
    call: step.call,
    startedAt: startedAt.toISOString(),
    ...("evidenceId" in step ? { evidenceId: step.evidenceId } : {}),
    ...present("outcome", outcome?.kind),
    ...(outcome?.kind === "rejected" ? present("responseCode", outcome.responseCode) : {}),
  }
}

function present<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [name in Name]?: Value }
}
