import { compact } from "../compact.ts"
import { decodeXml } from "../xml/decode.ts"
import { parseXml } from "../xml/parse.ts"
import { type Answer, readAnswer } from "./answer.ts"
import type { Exchange } from "./exchange.ts"
import type { Accepted, Outcome, Rejected, UnansweredReason } from "./outcomes.ts"
import { classifyResponseCode, type RejectionClass } from "./response-codes.ts"

type AnsweredExchange = Extract<Exchange, { kind: "answered" }>

/** Picks a call's facts from a successful answer; `undefined` if they are missing or belong to another report. */
type PickFacts<Facts> = (answer: Answer) => Facts | undefined

/**
 * Converts an exchange to an outcome: success is only HTTP 2xx with code 0; refusals are accepted at any status;
 * everything else may have taken effect.
 */
export function judge<Facts extends object>(ended: Exchange, pick: PickFacts<Facts>): Outcome<Facts> {
  if (ended.kind === "unsent") return ended
  if (ended.kind === "lost") return { ...ended, kind: "unanswered" }
  if (isRedirect(ended.httpStatus)) return unanswered(ended, "redirected")
  const text = decodeXml(ended.body)
  const read = readAnswer(text)
  if (read.kind === "unreadable") return unreadable(ended, read.reason)
  const { answer } = read
  if (isAuthStatus(ended.httpStatus) || answer.responseCode !== 0) return rejected(ended, answer)
  const facts = isSuccess(ended.httpStatus) ? pick(answer) : undefined
  if (facts === undefined) return unanswered(ended, "contradictory")
  return { ...facts, ...accepted(ended, text) }
}

/** Converts the exchange of `/xsd` to an outcome: its answer is a schema, or a refusal like any other. */
export function judgeXsd(ended: Exchange): Outcome<{ readonly xsd: string }> {
  if (ended.kind === "answered" && isSuccess(ended.httpStatus)) {
    const xsd = decodeXml(ended.body)
    const parsed = parseXml(xsd)
    if (parsed.kind === "document" && parsed.root.name === "schema") return { xsd, ...accepted(ended, xsd) }
  }
  // Code 0 without a schema is no success.
  return judge<{ readonly xsd: string }>(ended, () => undefined)
}

function accepted(ended: AnsweredExchange, receipt: string): Accepted {
  return { kind: "accepted", ...idsOf(ended), receipt }
}

function unanswered(ended: AnsweredExchange, reason: UnansweredReason): Outcome<never> {
  return { kind: "unanswered", reason, ...idsOf(ended) }
}

const isRedirect = (status: number) => status >= 300 && status < 400
const isSuccess = (status: number) => status >= 200 && status < 300

const isAuthStatus = (status: number) => status === 401 || status === 403

/** An answer that is not XML of this API: a client error's status is enough to know that nothing was done. */
function unreadable(ended: AnsweredExchange, reason: "doctype" | "malformed"): Outcome<never> {
  const { httpStatus } = ended
  if (httpStatus >= 500) return unanswered(ended, "http_status")
  if (httpStatus < 400) return unanswered(ended, reason)
  return { kind: "rejected", class: classOfStatus(httpStatus), ...idsOf(ended) }
}

function classOfStatus(status: number): RejectionClass {
  if (isAuthStatus(status)) return "auth"
  return status === 408 || status === 429 ? "retryable" : "terminal"
}

function rejected(ended: AnsweredExchange, { responseCode, description }: Answer): Rejected {
  const known = classifyResponseCode(responseCode)
  const byCode = known === "success" || known === "unknown" ? "terminal" : known
  return {
    kind: "rejected",
    class: isAuthStatus(ended.httpStatus) ? "auth" : byCode,
    responseCode,
    ...idsOf(ended),
    ...compact({ detailForOperators: description === undefined ? undefined : toDetail(description) }),
  }
}

const MAX_DETAIL = 500

function toDetail(description: string): string {
  const line = description.replace(/\p{C}+/gu, " ")
  return Array.from(line).slice(0, MAX_DETAIL).join("")
}

function idsOf({ httpStatus, requestId, body }: AnsweredExchange) {
  return compact({ httpStatus, requestId, received: body })
}
