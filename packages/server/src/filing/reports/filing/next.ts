/**
 * Decides the next call of a filing from its recorded steps alone: the same in every process, before and after a crash.
 * @module
 */

import type { StepName, StepOutcome } from "../../../platform/db/tables/filing.ts"
import {
  AUTHORISATION_CODES,
  type FilingStep,
  MAX_ATTEMPTS,
  MAX_CALL_ATTEMPTS,
  type Next,
  NOT_FILED_CODES,
  WAS_FINISHED_CODE,
  WRONG_STATE,
} from "./steps.ts"

/** A person's decisions about a filing that had stopped. */
export interface PersonDecisions {
  /** How often a person let it go on: each time allows the same number of calls and attempts again. */
  readonly resumes?: number
  /** Whether a person lets it count as filed although its receipt names other files than were uploaded. */
  readonly isReceiptAccepted?: boolean
}

/**
 * Decides the next call of a filing.
 *
 * @param steps - All steps of the report, in the order of their start. A step without an outcome is taken as lost,
 *   since the caller holds the report's lease.
 * @param evidenceIds - The report's files, in the order of their upload.
 */
export function nextStep(
  steps: readonly FilingStep[],
  evidenceIds: readonly string[],
  { resumes = 0, isReceiptAccepted = false }: PersonDecisions = {},
): Next {
  const limits = { asks: MAX_CALL_ATTEMPTS * (resumes + 1), attempts: MAX_ATTEMPTS * (resumes + 1) }
  const attempt = steps.at(-1)?.attempt ?? 1
  const stepsOfAttempt = steps.filter((step) => step.attempt === attempt)
  const call = (step: StepName): Next => ({ do: "call", attempt, step })
  /** Another attempt, unless this one met a refusal that the next would only meet again, and nobody said to go on. */
  const nextAttempt = (): Next => {
    const refused = refusalOf(stepsOfAttempt)
    if (refused !== undefined && countRefused(steps) > resumes) return refused
    if (attempt >= limits.attempts) return { do: "hold", code: "too-many-attempts" }
    return { do: "call", attempt: attempt + 1, step: { call: "open", ask: 1 } }
  }
  const opens = stepsOfAttempt.filter(({ step }) => step.call === "open")
  const opened = opens.at(-1)?.outcome
  if (opened?.kind === "unsent" || opened?.kind === "rejected") return nextAttempt()
  if (opened?.kind === "refused" && opened.code !== WRONG_STATE) return nextAttempt()
  if (opened?.kind !== "accepted" || opened.remoteReportId === undefined) {
    if (opened?.kind !== "refused" && opens.length < limits.asks) return call({ call: "open", ask: opens.length + 1 })
    // The answer to submit is lost and with it the report's id: the remote report can be neither used nor retracted,
    // only left to expire.
    const abandons = stepsOfAttempt.filter(({ step }) => step.call === "abandon")
    if (abandons.at(-1)?.outcome?.kind === "accepted") return nextAttempt()
    return abandons.length >= limits.asks
      ? { do: "hold", code: "undecided" }
      : call({ call: "abandon", ask: abandons.length + 1 })
  }

  const { remoteReportId } = opened
  const finished = (outcome: StepOutcome): Next =>
    outcome.kind === "differs" && !isReceiptAccepted
      ? { do: "hold", code: "receipt-differs", remoteReportId }
      : { do: "finish", remoteReportId }

  const retractions = stepsOfAttempt.filter(({ step }) => step.call === "retract")
  if (retractions.length > 0) {
    const last = retractions.at(-1)?.outcome
    const verdict = retractVerdict(last)
    if (last !== undefined && verdict === "finished") return finished(last)
    if (verdict === "gone") return nextAttempt()
    return retractions.length >= limits.asks
      ? { do: "hold", code: "undecided" }
      : call({ call: "retract", ask: retractions.length + 1 })
  }

  const retractToSettle = call({ call: "retract", ask: 1 })
  for (const evidenceId of evidenceIds) {
    const upload = stepsOfAttempt.find(({ step }) => step.call === "upload" && step.evidenceId === evidenceId)
    if (upload === undefined) return call({ call: "upload", evidenceId })
    if (upload.outcome?.kind !== "accepted" || upload.outcome.fileId === undefined) return retractToSettle
    const describe = stepsOfAttempt.find(({ step }) => step.call === "describe" && step.evidenceId === evidenceId)
    if (describe === undefined) return call({ call: "describe", evidenceId, fileId: upload.outcome.fileId })
    if (describe.outcome?.kind !== "accepted") return retractToSettle
  }
  const finish = find(stepsOfAttempt, "finish")
  if (finish === undefined) return call({ call: "finish" })
  if (finish.outcome?.kind === "accepted" || finish.outcome?.kind === "differs") return finished(finish.outcome)
  return retractToSettle
}

/** Reads the state of the attempt from the last answer to retract; `undefined` if it does not decide. */
function retractVerdict(outcome: StepOutcome | undefined): "finished" | "gone" | undefined {
  if (outcome?.kind === "accepted") return "gone"
  if (outcome?.kind === "differs") return "finished"
  if (outcome?.kind !== "rejected" || outcome.responseCode === undefined) return undefined
  if (outcome.responseCode === WAS_FINISHED_CODE) return "finished"
  return NOT_FILED_CODES.includes(outcome.responseCode) ? "gone" : undefined
}

/** The refusal of an attempt that concerns the content or the reporter; none if all failures were temporary. */
function refusalOf(stepsOfAttempt: readonly FilingStep[]): Extract<Next, { do: "hold" }> | undefined {
  for (const { step, outcome } of stepsOfAttempt) {
    if (step.call === "retract" || step.call === "abandon") continue
    if (outcome?.kind === "refused" && outcome.code !== WRONG_STATE) return { do: "hold", code: "custodian-refused" }
    if (outcome?.kind === "differs" && step.call === "upload") return { do: "hold", code: "upload-differs" }
    if (outcome?.kind !== "rejected" || outcome.retryable) continue
    const { responseCode } = outcome
    if (responseCode === undefined) return { do: "hold", code: "not-authorised" }
    // 51xx and 5001 concern the attempt.
    if (NOT_FILED_CODES.includes(responseCode) || responseCode === WAS_FINISHED_CODE) continue
    const code = AUTHORISATION_CODES.includes(responseCode) ? "not-authorised" : "refused"
    return { do: "hold", code, responseCode }
  }
  return undefined
}

function countRefused(steps: readonly FilingStep[]): number {
  const attempts = Map.groupBy(steps, ({ attempt }) => attempt).values()
  return [...attempts].filter((mine) => refusalOf(mine) !== undefined).length
}

function find(steps: readonly FilingStep[], call: StepName["call"]): FilingStep | undefined {
  return steps.find(({ step }) => step.call === call)
}
