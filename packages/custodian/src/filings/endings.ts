/**
 * Ends of an attempt: finished, retracted, or abandoned if nobody knows the report's id.
 * @module
 */
import { createHash } from "node:crypto"
import type { FilingAnswer } from "@nightlight/contract/custodian"
import { RESPONSE_CODES, readReceipt } from "@nightlight/cybertipline"
import { acceptedAnswer, factsOf, otherAnswer, recordOther } from "./answers.ts"
import type { Attempt, AttemptStep } from "./filing-book.ts"
import { latestAttempt, openAttempt } from "./open-attempt.ts"
import { wrongState } from "./open-report.ts"
import type { FilingDeps } from "./types.ts"

const { reportUnknown, reportRetracted, reportFinished } = RESPONSE_CODES

/**
 * Finishes a report, or confirms again that it is finished.
 *
 * @throws {RequestError} as `refusal`.
 */
export async function finishReport(step: AttemptStep, deps: FilingDeps): Promise<FilingAnswer> {
  const { attempt: latest } = latestAttempt(step, deps)
  if (latest.state === "finished" && latest.remoteReportId !== undefined) {
    const { remoteReportId } = latest
    const received = await deps.receipts.read(step)
    if (received === undefined) return { kind: "accepted", remoteReportId, files: uploadedIn(latest) }
    const { fileIds } = readReceipt(Buffer.from(received, "base64"))
    return { kind: "accepted", remoteReportId, files: [...fileIds], received }
  }
  const { filing, attempt, remoteReportId, record } = openAttempt(step, deps)
  if (!filing.files.every(({ evidenceId }) => attempt.files.get(evidenceId)?.state === "described")) {
    throw wrongState(attempt, "not every file of the grant is uploaded and described")
  }
  await using client = await deps.tipline.connect(filing.environment)
  await record("filing.finishing")
  const outcome = await client.finish(remoteReportId)
  switch (outcome.kind) {
    case "accepted": {
      const receiptSha256 = createHash("sha256").update(outcome.received).digest("hex")
      const isKept = await deps.receipts.keep(step, outcome.received)
      const isSame = uploadedIn(attempt).toSorted().join() === outcome.fileIds.toSorted().join()
      const receipt = { receiptSha256, receiptKept: Number(isKept), filesDiffer: Number(!isSame) }
      await record("filing.finished", { via: "finish", remoteReportId, ...receipt, ...factsOf(outcome) })
      return acceptedAnswer(outcome, { remoteReportId, files: [...outcome.fileIds] })
    }
    case "rejected":
      // For an id that only this filing uses, these tell how the report ended.
      if (outcome.responseCode === reportFinished)
        await record("filing.finished", { via: "finish", ...factsOf(outcome) })
      else if (outcome.responseCode === reportRetracted || outcome.responseCode === reportUnknown) {
        await record("filing.retracted", { via: "finish", ...factsOf(outcome) })
      } else await record("filing.not-finished", factsOf(outcome))
      return otherAnswer(outcome)
    case "unsent":
      return recordOther(record, "filing.not-finished", outcome)
    case "unanswered":
      return recordOther(record, "filing.unanswered", outcome)
    default:
      return outcome satisfies never
  }
}

/** Ids that the CyberTipline gave to the files of an attempt. */
function uploadedIn({ files }: Attempt): string[] {
  return [...files.values()].flatMap(({ fileId }) => fileId ?? [])
}

/**
 * Retracts an unfinished report; if the answer to finish was lost, this tells how it ended.
 *
 * @throws {RequestError} as `refusal`.
 */
export async function retractReport(step: AttemptStep, deps: FilingDeps): Promise<FilingAnswer> {
  const { filing, attempt, record } = latestAttempt(step, deps)
  const { remoteReportId } = attempt
  if (attempt.state === "retracted" && remoteReportId !== undefined) return { kind: "accepted", remoteReportId }
  if ((attempt.state !== "opened" && attempt.state !== "finishing") || remoteReportId === undefined) {
    throw wrongState(attempt, "there is nothing to retract")
  }
  await using client = await deps.tipline.connect(filing.environment)
  await record("filing.retracting")
  const outcome = await client.retract(remoteReportId)
  switch (outcome.kind) {
    case "accepted":
      await record("filing.retracted", { via: "retract", ...factsOf(outcome) })
      return acceptedAnswer(outcome, { remoteReportId })
    case "rejected":
      if (outcome.responseCode === reportFinished) {
        await record("filing.finished", { via: "retract", remoteReportId, ...factsOf(outcome) })
      } else if (outcome.responseCode === reportRetracted || outcome.responseCode === reportUnknown) {
        await record("filing.retracted", { via: "retract", ...factsOf(outcome) })
      } else await record("filing.unanswered", factsOf(outcome))
      return otherAnswer(outcome)
    case "unsent":
      // An earlier retract may have been lost, so the doubt stays.
      if (!attempt.isRetracting) await record("filing.not-retracted", factsOf(outcome))
      return otherAnswer(outcome)
    case "unanswered":
      return recordOther(record, "filing.unanswered", outcome)
    default:
      return outcome satisfies never
  }
}

/**
 * Abandons an attempt whose answer to submit was lost: the report, if there is one, expires on its own.
 *
 * @throws {RequestError} as `refusal`.
 */
export async function abandonReport(step: AttemptStep, deps: FilingDeps): Promise<void> {
  const { attempt, record } = latestAttempt(step, deps)
  if (attempt.state === "abandoned") return
  if (attempt.state !== "opening") throw wrongState(attempt, "only a report whose id nobody knows can be abandoned")
  await record("filing.abandoned")
}
