import { RequestError } from "@nightlight/core"

/** Limits for each request; a call can only lower them. */
export interface EgressLimits {
  /** Largest body in bytes. */
  readonly maxBytes: number
  /** From the first look-up to the last byte, including all redirects. */
  readonly timeoutMs: number
  /** For each address tried, including TLS. */
  readonly connectTimeoutMs: number
  readonly maxRedirects: number
  /** Largest size of one answer's headers, in bytes. */
  readonly maxHeaderBytes: number
  /** A body that arrives more slowly is abandoned; only time spent waiting counts. */
  readonly minBytesPerSecond: number
  /** Time spent waiting for a body before its pace is checked. */
  readonly paceWindowMs: number
}

/** Default limits, suitable for one picture. */
export const EGRESS_LIMITS: EgressLimits = {
  maxBytes: 20 * 1024 * 1024,
  timeoutMs: 15_000,
  connectTimeoutMs: 3000,
  maxRedirects: 3,
  maxHeaderBytes: 16 * 1024,
  minBytesPerSecond: 1024,
  paceWindowMs: 4000,
}

/**
 * Fills in the default limits.
 *
 * @throws {RequestError} `input_invalid` if a limit is not a whole number from 1 to 2^31 - 1 (0 redirects are allowed).
 */
export function egressLimits(given: Partial<EgressLimits> = {}): EgressLimits {
  const limits = { ...EGRESS_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) assertWholeNumber(name, value, name === "maxRedirects" ? 0 : 1)
  return limits
}

/** Longest time of a timer, and more bytes than should be held in memory. */
const LARGEST = 2 ** 31 - 1

/**
 * Asserts that a value is a whole number from `least` to the longest time of a timer.
 *
 * @param name - the option's name, for the message.
 * @throws {RequestError} `input_invalid`.
 */
export function assertWholeNumber(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= LARGEST) return
  throw new RequestError("input_invalid", `${name} must be a whole number from ${least} to ${LARGEST}`)
}
