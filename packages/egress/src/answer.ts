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

function isOnly(header: string | string[], value: string): boolean {
  return typeof header === "string" && header.trim().toLowerCase() === value
}
