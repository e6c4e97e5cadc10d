/**
 * Makes one call of a filing through the custodian and reads its answer as an outcome.
 * @module
 */
import type { FilingAnswer, ProvenGrant } from "@nightlight/contract/custodian"
import { DependencyError, RequestError } from "@nightlight/core"
import type { CustodianClient } from "../../custodian/port.ts"
import type { ReportContent } from "../types.ts"
import type { StepName, StepOutcome } from "./steps.ts"

/** What is being filed. */
export interface FilingSubject {
  readonly proven: ProvenGrant
  readonly content: ReportContent
}

/**
 * Makes the call. It never throws for what the CyberTipline or the custodian answered, or failed to: that is the
 * outcome, and the next step follows from it.
 */
export async function callCustodian(
  custodian: CustodianClient,
  subject: FilingSubject,
  { attempt, step }: { readonly attempt: number; readonly step: StepName },
): Promise<StepOutcome> {
  try {
    return await call(custodian, subject, attempt, step)
  } catch (error) {
    if (error instanceof RequestError) return { kind: "refused", code: String(error.details["code"] ?? error.code) }
    // Nobody listened on the socket: nothing was sent. Anything else may have been.
    if (error instanceof DependencyError && error.code === "unavailable") return { kind: "unsent" }
    return { kind: "unanswered" }
  }
}

async function call(
  custodian: CustodianClient,
  { proven, content }: FilingSubject,
  attempt: number,
  step: StepName,
): Promise<StepOutcome> {
  const { grantId } = proven.grant
  switch (step.call) {
    case "open":
      return toOutcome(await custodian.openFiling({ proven, document: content.document, attempt }))
    case "upload":
      return toOutcome(await custodian.upload(grantId, step.evidenceId, attempt))
    case "describe": {
      const file = content.files.find(({ evidenceId }) => evidenceId === step.evidenceId)
      const details = file?.details
      return toOutcome(await custodian.describe(grantId, step.evidenceId, { attempt, fileId: step.fileId, details }))
    }
    case "finish":
      return toOutcome(await custodian.finish(grantId, attempt))
    case "retract":
      return toOutcome(await custodian.retract(grantId, attempt))
    case "abandon":
      await custodian.abandon(grantId, attempt)
      return { kind: "accepted" }
  }
}

function toOutcome(answer: FilingAnswer): StepOutcome {
  switch (answer.kind) {
    case "accepted": {
      const { remoteReportId, fileId } = answer
      return {
        kind: "accepted",
        ...(remoteReportId === undefined ? {} : { remoteReportId }),
        ...(fileId === undefined ? {} : { fileId }),
      }
    }
    case "rejected":
      return { kind: "rejected", responseCode: answer.responseCode, retryable: answer.retryable }
    default:
      return { kind: answer.kind }
  }
}
