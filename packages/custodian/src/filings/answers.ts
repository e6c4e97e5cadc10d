/**
 * The outcome of a call to the CyberTipline, for the server and for the journal.
 * @module
 */

import type { FilingAnswer } from "@nightlight/contract/custodian"
import { compact } from "@nightlight/core"
import type { Accepted, Corrupt, Rejected, Unanswered, Unsent } from "@nightlight/cybertipline"

/** Facts of a call, in the characters that the journal allows. */
export type JournalFacts = Readonly<Record<string, string | number>>

/** The answer to a call that took place. */
export function acceptedAnswer(
  outcome: Accepted,
  facts: Partial<Extract<FilingAnswer, { kind: "accepted" }>>,
): FilingAnswer {
  return { ...facts, kind: "accepted", ...receivedOf(outcome) }
}

/** The answer to an upload after which the CyberTipline says that it has other bytes than were sent. */
export function differingAnswer(outcome: Corrupt, sha256: string): FilingAnswer {
  const { reportId, fileId, sentMd5, receivedMd5 } = outcome
  return compact({
    kind: "differs",
    remoteReportId: reportId,
    fileId,
    md5: sentMd5,
    receivedMd5,
    sha256,
    ...receivedOf(outcome),
  })
}

/** Returns the facts that are kept of any answer. */
function receivedOf({ httpStatus, requestId, received }: Partial<Accepted> | Corrupt | Rejected | Unanswered) {
  return compact({
    httpStatus,
    requestId,
    received: received === undefined ? undefined : Buffer.from(received).toString("base64"),
  })
}

/** Records a call that came to nothing, or may have come to something; gives its answer. */
export async function recordOther(
  record: (type: string, data: JournalFacts) => Promise<unknown>,
  type: string,
  outcome: Rejected | Unanswered | Unsent,
): Promise<FilingAnswer> {
  await record(type, factsOf(outcome))
  return otherAnswer(outcome)
}

/**
 * The answer to a call that did not take effect, or may have.
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
        ...compact({ responseCode }),
        ...receivedOf(outcome),
        ...compact({ detail: detailForOperators }),
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

/** Returns the facts that the journal keeps of an outcome: codes and the CyberTipline's id of the call. */
export function factsOf(outcome: Accepted | Corrupt | Rejected | Unanswered | Unsent): JournalFacts {
  const requestId = "requestId" in outcome ? outcome.requestId : undefined
  const inAlphabet = requestId !== undefined && /^[A-Za-z0-9._:+-]{1,80}$/.test(requestId)
  return compact({
    outcome: outcome.kind,
    requestId: inAlphabet ? requestId : undefined,
    httpStatus: "httpStatus" in outcome && outcome.httpStatus !== undefined ? outcome.httpStatus : undefined,
    responseCode: "responseCode" in outcome && outcome.responseCode !== undefined ? outcome.responseCode : undefined,
    why: "reason" in outcome ? outcome.reason.replaceAll("_", "-") : undefined,
  })
}
