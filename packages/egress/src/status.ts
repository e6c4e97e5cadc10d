import { DependencyError, RequestError } from "@nightlight/core"
import type { Dispatcher } from "undici"
import { malformed } from "./failure.ts"

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

/** Whether an answer says where to ask instead. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.includes(status)
}

/**
 * Where a redirect says to ask.
 *
 * @throws {DependencyError} `answer_malformed` if it does not say so exactly once.
 */
export function locationOf(headers: Dispatcher.ResponseData["headers"], host: string): string {
  const { location } = headers
  if (typeof location !== "string" || location === "") throw malformed("location", host)
  return location
}

/**
 * Sees that an answer holds the whole content.
 *
 * @throws {RequestError} `not_found` for a status of 4xx that will not change by asking again.
 * @throws {DependencyError} `unavailable` for 408, 425, 429 and 5xx; `answer_malformed` for any other but 200 and 203.
 */
export function assertFetched(status: number, host: string): void {
  if (status === 200 || status === 203) return
  const details = { reason: "status", status, host }
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    throw new DependencyError("unavailable", "the host gave no content", { details })
  }
  if (status >= 400) throw new RequestError("not_found", "the host has no such content", { details })
  throw malformed("status", host)
}
