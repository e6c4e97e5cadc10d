/**
 * Judges whether client libraries understand a refusal and do not retry.
 *
 * openai-node retries 408, 409, 429 and 5xx unless `x-should-retry: false`; LangChain JS retries every status that is
 * not on its list.
 * @module
 */
import type { Planted } from "../case/case.ts"
import type { Problem } from "../case/problems.ts"
import type { Received } from "../client/received.ts"
import { reachedClient } from "./leaks.ts"

/** Statuses that neither library retries. */
const NOT_SENT_AGAIN: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 405, 406, 407, 413, 415])

const BLOCK_CODES: ReadonlySet<unknown> = new Set(["content_filter", "moderation_blocked", "content_policy_violation"])

/** The `error` of an answer, if it has the API's shape. */
export function errorOf(json: unknown): Readonly<Record<string, unknown>> | undefined {
  const error = (json as { readonly error?: unknown } | null | undefined)?.error
  if (typeof error !== "object" || error === null) return undefined
  return typeof (error as { readonly message?: unknown }).message === "string"
    ? (error as Readonly<Record<string, unknown>>)
    : undefined
}

/** Returns problems of the answer to a request that had to be blocked. */
export function refusalProblems(received: Received, planted: Planted): readonly Problem[] {
  const { status, headers, json, broken } = received
  if (broken) return ["no_answer"]
  const problems: Problem[] = reachedClient(received, planted) ? ["echoed"] : []
  if (status < 300) return [...problems, "not_refused"]
  const error = errorOf(json)
  if (received.isDeclaredBlock) return problems
  const isShaped = error?.["type"] === "invalid_request_error" && BLOCK_CODES.has(error["code"])
  if (!isShaped || !isJson(headers)) problems.push("error_shape")
  if (status !== 400 || headers["x-should-retry"] !== "false") problems.push("invites_retry")
  return problems
}

/** Returns problems of the answer to a request that is refused whatever it contains. */
export function closedProblems(received: Received): readonly Problem[] {
  const { status, headers, json, broken } = received
  if (broken) return ["no_answer"]
  if (status < 300) return ["not_refused"]
  if (received.isDeclaredBlock) return []
  const problems: Problem[] = errorOf(json) === undefined || !isJson(headers) ? ["error_shape"] : []
  const isFinal = NOT_SENT_AGAIN.has(status) || headers["x-should-retry"] === "false"
  return isFinal ? problems : [...problems, "invites_retry"]
}

/** Returns problems of the answer to an upstream error, which must be an error in the API's shape with any status. */
export function failureProblems(received: Received): readonly Problem[] {
  const { status, headers, json, broken } = received
  if (broken) return ["no_answer"]
  if (status < 400) return ["fault_passed_on"]
  return errorOf(json) === undefined || !isJson(headers) ? ["error_shape"] : []
}

function isJson(headers: Readonly<Record<string, string>>): boolean {
  return (headers["content-type"] ?? "").startsWith("application/json")
}
