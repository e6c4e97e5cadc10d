import { RequestError } from "@nightlight/core"
import { assertWholeNumber } from "./limits.ts"

/** Configuration of one service, chosen by the operator, to which content may be sent. */
export interface EgressEntry {
  /** `https://host` or `https://host:port`; `http` only inside the operator's own network. */
  readonly origin: string
  /** Where the service processes the content, in the operator's words. */
  readonly region: string
  /** Reference to the contract for that processing. */
  readonly contractReference: string
  /** Time limit for one whole call, in milliseconds. */
  readonly timeoutMs: number
  /** Largest answer in bytes. */
  readonly maxBytes: number
}

/**
 * Checks an entry and returns its origin.
 *
 * @throws {RequestError} `input_invalid` if the origin has more than scheme, host and port, or if another member of the
 * entry is missing or not positive.
 */
export function originOf(entry: EgressEntry): { readonly origin: string; readonly host: string } {
  assertWholeNumber("timeoutMs", entry.timeoutMs, 1)
  assertWholeNumber("maxBytes", entry.maxBytes, 1)
  if (entry.region.trim() === "" || entry.contractReference.trim() === "") {
    throw new RequestError("input_invalid", "an egress entry must name a region and a contract reference")
  }
  const url = URL.parse(entry.origin)
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:"
  if (url === null || !isHttp || url.origin !== entry.origin) {
    throw new RequestError("input_invalid", "an egress origin must have only scheme, host and port, in lower case")
  }
  return { origin: url.origin, host: url.hostname }
}

/**
 * Asserts that a path stays on its origin.
 *
 * @throws {RequestError} `input_invalid` unless it starts with one slash and is percent-encoded.
 */
export function assertPath(path: string, origin: string): void {
  const isPlain = /^\/(?!\/)[\u0021-\u005b\u005d-\u007e]*$/.test(path) && !path.includes("#")
  if (isPlain && URL.parse(path, origin)?.origin === origin) return
  throw new RequestError("input_invalid", "a path must start with one slash and be percent-encoded")
}
