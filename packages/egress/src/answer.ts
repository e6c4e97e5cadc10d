import type { Dispatcher } from "undici"
import { malformed, tooLarge } from "./failure.ts"

type Headers = Dispatcher.ResponseData["headers"]

/**
 * Sees that a body is the content itself: no compression, of which a small one can hold anything, and no announced
 * length beyond the limit.
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

/** The media type, lower-case, without parameters; none if there is not exactly one. */
export function contentTypeOf(headers: Headers): string | undefined {
  const header = headers["content-type"]
  const type = typeof header === "string" ? (header.split(";")[0] ?? "").trim().toLowerCase() : ""
  return /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(type) ? type : undefined
}

function isOnly(header: string | string[], value: string): boolean {
  return typeof header === "string" && header.trim().toLowerCase() === value
}
