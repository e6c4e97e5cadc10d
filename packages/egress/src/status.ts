import { DependencyError, RequestError } from "@nightlight/core"
import type { Dispatcher } from "undici"
import { malformed } from "./failure.ts"

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

/** Whether a status is a redirect. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.includes(status)
}

/**
 * The target of a redirect.
 *
 * @throws {DependencyError} `answer_malformed` unless it has exactly one `location`.
 */
export function locationOf(headers: Dispatcher.ResponseData["headers"], host: string): string {
  const { location } = headers
  if (typeof location !== "string" || location === "") throw malformed("location", host)
  return location
}

/**
 * Asserts that an answer has the whole content.
 *
 * @throws {RequestError} `not_found` for a status 4xx that a retry would not change.
 * @throws {DependencyError} `unavailable` for 408, 425, 429 and 5xx; `answer_malformed` for any other status except 200
 * and 203.
 */
export function assertFetched(status: number, host: string): void {
  if (status === 200 || status === 203) return
  const details = { reason: "status", status, host }
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    throw new DependencyError("unavailable", "the host did not return the content", { details })
  }
  if (status >= 400) throw new RequestError("not_found", "the host does not have this content", { details })
  throw malformed("status", host)
}
