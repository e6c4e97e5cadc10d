import { RequestError } from "@nightlight/core"
import { atLeast } from "./limits.ts"

/** One service of the operator's choice that content may be sent to, as configured. */
export interface EgressEntry {
  /** `https://host` or `https://host:port`; `http` inside the operator's own network. */
  readonly origin: string
  /** Where the service processes what it gets, in the operator's words. */
  readonly region: string
  /** The contract under which it does. */
  readonly contractReference: string
  /** Milliseconds over all of one call. */
  readonly timeoutMs: number
  /** Largest answer in bytes. */
  readonly maxBytes: number
}

/**
 * The origin of an entry, checked.
 *
 * @throws {RequestError} `input_invalid` if it holds more than scheme, host and port, or if anything else of the entry
 *   is missing or not positive.
 */
export function originOf(entry: EgressEntry): { readonly origin: string; readonly host: string } {
  atLeast("timeoutMs", entry.timeoutMs, 1)
  atLeast("maxBytes", entry.maxBytes, 1)
  if (entry.region.trim() === "" || entry.contractReference.trim() === "") {
    throw new RequestError("input_invalid", "an egress entry names a region and a contract reference")
  }
  const url = URL.parse(entry.origin)
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:"
  if (url === null || !isHttp || url.origin !== entry.origin) {
    throw new RequestError("input_invalid", "an egress origin is scheme, host and port alone, in lower case")
  }
  return { origin: url.origin, host: url.hostname }
}

/**
 * Sees that a path stays on its origin.
 *
 * @throws {RequestError} `input_invalid` unless it starts with one slash and is encoded already.
 */
export function assertPath(path: string, origin: string): void {
  const isPlain = /^\/(?!\/)[\u0021-\u005b\u005d-\u007e]*$/.test(path) && !path.includes("#")
  if (isPlain && URL.parse(path, origin)?.origin === origin) return
  throw new RequestError("input_invalid", "a path starts with one slash and is percent-encoded")
}
