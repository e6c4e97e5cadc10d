import type { Dispatcher } from "undici"
import { malformed, tooLarge } from "./failure.ts"

type Headers = Dispatcher.ResponseData["headers"]

/**
 * Asserts that a body is not compressed, because a small compressed body can expand without limit, and that its
 * announced length is within the limit.
 *
 * @throws {DependencyError} `answer_malformed` if it is encoded.
 * @throws {RequestError} `too_large`.
 */
export function assertPlainBody(headers: Headers, maxBytes: number, host: string): void {
  const encoding = headers["content-encoding"] ?? "identity"
  const transfer = headers["transfer-encoding"] ?? "chunked"
  const isPlain = isOnly(encoding, "identity") && isOnly(transfer, "chunked")
  if (!isPlain) throw malformed("encoding", host)
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes, host)
}

/** The media type, lower-case, without parameters; `undefined` unless there is exactly one. */
export function contentTypeOf(headers: Headers): string | undefined {
  const header = headers["content-type"]
  const type = typeof header === "string" ? (header.split(";")[0] ?? "").trim().toLowerCase() : ""
  return /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(type) ? type : undefined
}

/** The time that a header states; `undefined` unless it is exactly one date. */
export function dateOf(header: string | string[] | undefined): Date | undefined {
  // Every form that HTTP allows begins with the day's name.
  if (typeof header !== "string" || !/^[A-Z][a-z]{2,8},? /.test(header)) return undefined
  const date = new Date(header)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const LONGEST_WAIT_SECONDS = 86_400

/**
 * The seconds to wait that a `retry-after` header states, at most a day; `undefined` where it states none.
 *
 * @param now - the host's time, from which a date counts.
 */
export function retryAfterOf(header: string | string[] | undefined, now: Date | undefined): number | undefined {
  if (typeof header !== "string") return undefined
  if (/^\d{1,10}$/.test(header)) return Math.min(Number(header), LONGEST_WAIT_SECONDS)
  const until = dateOf(header)
  if (until === undefined || now === undefined) return undefined
  return Math.min(Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1000)), LONGEST_WAIT_SECONDS)
}

function isOnly(header: string | string[], value: string): boolean {
  return typeof header === "string" && header.trim().toLowerCase() === value
}
