/**
 * Decides what a filing does next from its persisted steps alone: the same answer in every process, before and after a
 * crash.
 * @module
 */
import {
  type FilingStep,
  GONE_CODES,
  type HoldCode,
  MAX_ASKS,
  MAX_ATTEMPTS,
  type Next,
  type StepName,
  WAS_FINISHED_CODE,
  WRONG_STATE,
} from "./steps.ts"

/**
 * Decides the next call of a filing.
 *
 * @param steps - All of the report's, in the order they were started. At most the last one lacks its outcome because
 *   it is under way; one without an outcome is taken as lost: whoever asks holds the report's lease.
 * @param evidenceIds - The report's files, in the order they are uploaded.
 * @param resumes - How often a person let a stopped filing go on: each time allows as many asks and attempts again.
 */
export function nextStep(steps: readonly FilingStep[], evidenceIds: readonly string[], resumes = 0): Next {
  const limits = { asks: MAX_ASKS * (resumes + 1), attempts: MAX_ATTEMPTS * (resumes + 1) }
  const again = (attempt: number): Next =>
    attempt >= limits.attempts
      ? hold("too-many-attempts")
      : { do: "call", attempt: attempt + 1, step: { call: "open", ask: 1 } }
  const attempt = steps.at(-1)?.attempt ?? 1
  const mine = steps.filter((step) => step.attempt === attempt)
  const call = (step: StepName): Next => ({ do: "call", attempt, step })
  const opens = mine.filter(({ step }) => step.call === "open")
  const opened = opens.at(-1)?.outcome
  if (opened?.kind === "unsent") return again(attempt)
  if (opened?.kind === "rejected") {
    return opened.retryable ? again(attempt) : hold("refused", opened.responseCode)
  }
  if (opened?.kind === "refused" && opened.code !== WRONG_STATE) return hold("custodian-refused")
  if (opened?.kind !== "accepted" || opened.remoteReportId === undefined) {
    if (opened?.kind !== "refused" && opens.length < limits.asks) return call({ call: "open", ask: opens.length + 1 })
    // The answer to submit is lost and with it the report's id: it can be neither used nor retracted, only left to
    // expire.
    const abandons = mine.filter(({ step }) => step.call === "abandon")
    if (abandons.at(-1)?.outcome?.kind === "accepted") return again(attempt)
    return abandons.length >= limits.asks ? hold("undecided") : call({ call: "abandon", ask: abandons.length + 1 })
  }

  const asked = mine.filter(({ step }) => step.call === "retract")
  if (asked.length > 0) {
    const verdict = retractVerdict(asked.at(-1))
    if (verdict === "finished") return { do: "finish", remoteReportId: opened.remoteReportId }
    if (verdict === "gone") return refusal(mine) ?? again(attempt)
    return asked.length >= limits.asks ? hold("undecided") : call({ call: "retract", ask: asked.length + 1 })
  }

  const doubt = call({ call: "retract", ask: 1 })
  for (const evidenceId of evidenceIds) {
    const upload = mine.find(({ step }) => step.call === "upload" && step.evidenceId === evidenceId)
    if (upload === undefined) return call({ call: "upload", evidenceId })
    if (upload.outcome?.kind !== "accepted" || upload.outcome.fileId === undefined) return doubt
    const describe = mine.find(({ step }) => step.call === "describe" && step.evidenceId === evidenceId)
    if (describe === undefined) return call({ call: "describe", evidenceId, fileId: upload.outcome.fileId })
    if (describe.outcome?.kind !== "accepted") return doubt
  }
  const finish = find(mine, "finish")
  if (finish === undefined) return call({ call: "finish" })
  if (finish.outcome?.kind === "accepted") return { do: "finish", remoteReportId: opened.remoteReportId }
  return doubt
}

/** What retract's last answer says of the attempt; `undefined` if it does not decide. */
function retractVerdict(asked: FilingStep | undefined): "finished" | "gone" | undefined {
  const outcome = asked?.outcome
  if (outcome?.kind === "accepted") return "gone"
  if (outcome?.kind !== "rejected") return undefined
  if (outcome.responseCode === WAS_FINISHED_CODE) return "finished"
  return GONE_CODES.includes(outcome.responseCode) ? "gone" : undefined
}

/** Why a gone attempt is not followed by another, which would only meet the same refusal. */
function refusal(mine: readonly FilingStep[]): Next | undefined {
  for (const { step, outcome } of mine) {
    if (step.call === "retract") continue
    if (outcome?.kind === "refused" && outcome.code !== WRONG_STATE) return hold("custodian-refused")
    // 51xx and 5001 speak of the attempt, not of what was sent.
    if (outcome?.kind !== "rejected" || outcome.retryable || isOfAttempt(outcome.responseCode)) continue
    return hold("refused", outcome.responseCode)
  }
  return undefined
}

function isOfAttempt(responseCode: number): boolean {
  return GONE_CODES.includes(responseCode) || responseCode === WAS_FINISHED_CODE
}

function hold(code: HoldCode, responseCode?: number): Next {
  return { do: "hold", code, ...(responseCode === undefined ? {} : { responseCode }) }
}

function find(steps: readonly FilingStep[], call: StepName["call"]): FilingStep | undefined {
  return steps.find(({ step }) => step.call === call)
}
