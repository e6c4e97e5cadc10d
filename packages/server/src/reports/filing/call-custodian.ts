/**
 * Makes one call of a filing through the custodian and reads its answer as an outcome.
 * @module
 */
import type { FilingAnswer, ProvenGrant } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import type { CustodianClient } from "../../custodian/port.ts"
import type { ReportContent } from "../types.ts"
import { ALREADY_RETRACTED_CODE, type StepName, type StepOutcome, WAS_FINISHED_CODE, WRONG_STATE } from "./steps.ts"

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
    // That the custodian did not answer says nothing of whether it acted.
    if (!(error instanceof RequestError)) return { kind: "unanswered" }
    const refused: StepOutcome = { kind: "refused", code: String(error.details["reason"] ?? error.code) }
    if (step.call === "abandon" && error.code === "not_found") return { kind: "accepted" }
    if (step.call !== "retract" || refused.code !== WRONG_STATE) return refused
    return (await settledAttempt(custodian, subject, attempt)) ?? refused
  }
}

/** What the custodian's journal says of an attempt that retract came too late for, in the CyberTipline's own codes. */
async function settledAttempt(
  custodian: CustodianClient,
  { proven }: FilingSubject,
  attempt: number,
): Promise<StepOutcome | undefined> {
  const journal = await custodian.filing(proven.grant.grantId).catch(() => undefined)
  const state = journal?.attempts.find((known) => known.attempt === attempt)?.state
  if (state === "finished") return { kind: "rejected", responseCode: WAS_FINISHED_CODE, retryable: false }
  if (state !== "retracted" && state !== "abandoned") return undefined
  return { kind: "rejected", responseCode: ALREADY_RETRACTED_CODE, retryable: false }
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
      return {
        kind: "rejected",
        ...(answer.responseCode === undefined ? {} : { responseCode: answer.responseCode }),
        retryable: answer.retryable,
      }
    default:
      return { kind: answer.kind }
  }
}
