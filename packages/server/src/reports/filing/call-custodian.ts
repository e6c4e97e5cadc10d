/**
 * Makes one call of a filing through the custodian and reads its answer as an outcome.
 * @module
 */
import type { FilingAnswer, FilingJournal, ProvenGrant } from "@nightlight/contract/custodian"
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
    if (refused.code !== WRONG_STATE) return refused
    const journal = await custodian.filing(subject.proven.grant.grantId).catch(() => undefined)
    return (
      asJournaled(
        step,
        journal?.attempts.find((known) => known.attempt === attempt),
      ) ?? refused
    )
  }
}

type Journaled = Pick<FilingJournal["attempts"][number], "state" | "remoteReportId">

/**
 * What the custodian's journal says of an attempt that a call came too late for: after a restore the database is behind
 * it. `undefined` where that decides nothing.
 */
export function asJournaled({ call: asked }: StepName, known: Journaled | undefined): StepOutcome | undefined {
  const { state, remoteReportId } = known ?? {}
  switch (asked) {
    case "open":
      if (state === "refused") return { kind: "unsent" }
      return remoteReportId === undefined ? undefined : { kind: "accepted", remoteReportId }
    case "retract":
      // In the CyberTipline's own codes.
      if (state === "finished") return { kind: "rejected", responseCode: WAS_FINISHED_CODE, retryable: false }
      if (state !== "retracted" && state !== "abandoned") return undefined
      return { kind: "rejected", responseCode: ALREADY_RETRACTED_CODE, retryable: false }
    case "abandon":
      return state === "abandoned" || state === "refused" || state === "retracted" ? { kind: "accepted" } : undefined
    case "upload":
    case "describe":
    case "finish":
      return undefined
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
      return {
        kind: "rejected",
        ...(answer.responseCode === undefined ? {} : { responseCode: answer.responseCode }),
        retryable: answer.retryable,
      }
    case "unanswered":
    case "unsent":
      return { kind: answer.kind }
  }
}
