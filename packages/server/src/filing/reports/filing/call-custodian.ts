/**
 * Makes one call of a filing through the custodian and converts its answer to an outcome.
 * @module
 */
import type { FilingAnswer, FilingJournal, ProvenGrant } from "@nightlight/contract/custodian"
import { compact, RequestError } from "@nightlight/core"
import type { CustodianClient } from "../../../platform/custodian/port.ts"
import type { StepName, StepOutcome } from "../../../platform/db/tables/filing.ts"
import type { ReportContent } from "../types.ts"
import { ALREADY_RETRACTED_CODE, WAS_FINISHED_CODE, WRONG_STATE } from "./steps.ts"

/** A report's content and its proven grant. */
export interface FilingSubject {
  readonly proven: ProvenGrant
  readonly content: ReportContent
}

/** The report to file, and the ids that exist already. */
export interface FilingCall extends FilingSubject {
  /** Ids that the CyberTipline gave to the files of this attempt so far. */
  readonly uploaded: readonly string[]
}

/** The outcome, from which the next step follows, and the answer, for people who may read it. */
export interface CallResult {
  readonly outcome: StepOutcome
  readonly answer?: FilingAnswer
}

/**
 * Makes the call. It never throws for an answer, or a missing answer, of the CyberTipline or the custodian: that is the
 * outcome, and the next step follows from it.
 */
export async function callCustodian(
  custodian: CustodianClient,
  subject: FilingCall,
  { attempt, step }: { readonly attempt: number; readonly step: StepName },
): Promise<CallResult> {
  try {
    const answer = await call(custodian, subject, attempt, step)
    if (answer === undefined) return { outcome: { kind: "accepted" } }
    return { outcome: toOutcome(answer, step, subject.uploaded), answer }
  } catch (error) {
    // Without an answer from the custodian, it may have acted or not.
    if (!(error instanceof RequestError)) return { outcome: { kind: "unanswered" } }
    const refused: StepOutcome = { kind: "refused", code: String(error.details["reason"] ?? error.code) }
    if (step.call === "abandon" && error.code === "not_found") return { outcome: { kind: "accepted" } }
    if (refused.code !== WRONG_STATE) return { outcome: refused }
    const { grantId } = subject.proven.grant
    const journal = await custodian.filing(grantId).catch(() => undefined)
    const known = journal?.attempts.find((one) => one.attempt === attempt)
    const outcome = outcomeFromJournal(step, known) ?? refused
    if (known?.state !== "finished") return { outcome }
    // The custodian has the receipt that the database lacks.
    const answer = await custodian.finish(grantId, attempt).catch(() => undefined)
    if (answer === undefined) return { outcome }
    // After a restore this database knows of no uploads, but the custodian's journal does.
    const uploaded = known.files.flatMap(({ fileId }) => fileId ?? [])
    const again = toOutcome(answer, { call: "finish" }, uploaded)
    return { outcome: again.kind === "differs" ? again : outcome, answer }
  }
}

type Journaled = Pick<FilingJournal["attempts"][number], "state" | "remoteReportId">

/**
 * Gives the outcome of a call that came too late, from the custodian's journal: after a restore, the database is behind
 * the journal. `undefined` if the journal does not decide it.
 */
export function outcomeFromJournal({ call: asked }: StepName, known: Journaled | undefined): StepOutcome | undefined {
  const { state, remoteReportId } = known ?? {}
  switch (asked) {
    case "open":
      if (state === "refused") return { kind: "unsent" }
      return remoteReportId === undefined ? undefined : { kind: "accepted", remoteReportId }
    case "retract":
      // With the CyberTipline's own codes.
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
): Promise<FilingAnswer | undefined> {
  const { grantId } = proven.grant
  switch (step.call) {
    case "open":
      return custodian.openFiling({ proven, document: content.document, attempt })
    case "upload":
      return custodian.upload(grantId, step.evidenceId, attempt)
    case "describe": {
      const file = content.files.find(({ evidenceId }) => evidenceId === step.evidenceId)
      const details = file?.details
      const template = proven.grant.purpose === "automatic-filing" ? proven.grant.template : undefined
      return custodian.describe(grantId, step.evidenceId, {
        attempt,
        fileId: step.fileId,
        details,
        ...compact({ template }),
      })
    }
    case "finish":
      return custodian.finish(grantId, attempt)
    case "retract":
      return custodian.retract(grantId, attempt)
    case "abandon":
      await custodian.abandon(grantId, attempt)
      return undefined
  }
}

function toOutcome(answer: FilingAnswer, step: StepName, uploaded: readonly string[]): StepOutcome {
  switch (answer.kind) {
    case "accepted": {
      const { remoteReportId, fileId, files } = answer
      if (step.call === "finish" && remoteReportId !== undefined && files !== undefined && !isSame(files, uploaded)) {
        return { kind: "differs", what: "file-ids", remoteReportId }
      }
      return compact({
        kind: "accepted",
        remoteReportId,
        fileId,
      })
    }
    case "rejected":
      return compact({
        kind: "rejected",
        responseCode: answer.responseCode,
        retryable: answer.retryable,
      })
    case "differs":
      return { kind: "differs", what: "md5", remoteReportId: answer.remoteReportId }
    case "unanswered":
    case "unsent":
      return { kind: answer.kind }
  }
}

/** Whether both contain the same ids, in any order. */
function isSame(these: readonly string[], those: readonly string[]): boolean {
  return these.toSorted().join("\n") === those.toSorted().join("\n")
}
