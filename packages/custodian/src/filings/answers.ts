/**
 * What came of a call to the CyberTipline: for the server, and for the journal.
 * @module
 */
import type { FilingAnswer } from "@nightlight/contract/custodian"
import type { Accepted, Corrupt, Rejected, Unanswered, Unsent } from "@nightlight/cybertipline"

/** Facts of a call in the journal's alphabet. */
export type JournalFacts = Readonly<Record<string, string | number>>

/** The answer to a call that took place. */
export function acceptedAnswer(
  outcome: Accepted,
  facts: Partial<Extract<FilingAnswer, { kind: "accepted" }>>,
): FilingAnswer {
  return { ...facts, kind: "accepted", ...receivedOf(outcome) }
}

/** The answer to an upload of which the service says that it holds other bytes than were sent. */
export function differingAnswer(outcome: Corrupt, sha256: string): FilingAnswer {
  const { reportId, fileId, sentMd5, receivedMd5 } = outcome
  return {
    kind: "differs",
    remoteReportId: reportId,
    fileId,
    md5: sentMd5,
    ...(receivedMd5 === undefined ? {} : { receivedMd5 }),
    sha256,
    ...receivedOf(outcome),
  }
}

/** What is kept of an answer, whatever it says. */
function receivedOf({ httpStatus, requestId, received }: Partial<Accepted> | Corrupt | Rejected | Unanswered) {
  return {
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(received === undefined ? {} : { received: Buffer.from(received).toString("base64") }),
  }
}

/**
 * The answer to a call that did not take place, or may have.
 *
 * @param mayRepeat - Whether the same call can be made again at all.
 */
export function otherAnswer(outcome: Rejected | Unanswered | Unsent, mayRepeat = true): FilingAnswer {
  switch (outcome.kind) {
    case "rejected": {
      const { responseCode, detailForOperators } = outcome
      return {
        kind: "rejected",
        retryable: mayRepeat && outcome.class === "retryable",
        ...(responseCode === undefined ? {} : { responseCode }),
        ...receivedOf(outcome),
        ...(detailForOperators === undefined ? {} : { detail: detailForOperators }),
      }
    }
    case "unanswered":
      return { kind: "unanswered", reason: outcome.reason, ...receivedOf(outcome) }
    case "unsent":
      return { kind: "unsent", reason: outcome.reason }
    default:
      return outcome satisfies never
  }
}

/** What the journal keeps of an outcome: codes and the service's id of the call. */
export function factsOf(outcome: Accepted | Corrupt | Rejected | Unanswered | Unsent): JournalFacts {
  const requestId = "requestId" in outcome ? outcome.requestId : undefined
  const inAlphabet = requestId !== undefined && /^[A-Za-z0-9._:+-]{1,80}$/.test(requestId)
  return {
    outcome: outcome.kind,
    ...(inAlphabet ? { requestId } : {}),
    ...("httpStatus" in outcome && outcome.httpStatus !== undefined ? { httpStatus: outcome.httpStatus } : {}),
    ...("responseCode" in outcome && outcome.responseCode !== undefined ? { responseCode: outcome.responseCode } : {}),
    ...("reason" in outcome ? { why: outcome.reason.replaceAll("_", "-") } : {}),
  }
}
