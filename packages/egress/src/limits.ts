import { RequestError } from "@nightlight/core"

/** What bounds each request; a call may ask for less, never for more. */
export interface EgressLimits {
  /** Largest body in bytes. */
  readonly maxBytes: number
  /** From the first look-up to the last byte, all redirects included. */
  readonly timeoutMs: number
  /** For each address tried, TLS included. */
  readonly connectTimeoutMs: number
  readonly maxRedirects: number
  /** Of one answer's headers in bytes. */
  readonly maxHeaderBytes: number
  /** A body that comes slower, while it is waited for, is given up. */
  readonly minBytesPerSecond: number
  /** How long a body is waited for before its pace is judged. */
  readonly paceWindowMs: number
}

/** Fit for one picture. */
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
 * Limits with the defaults filled in.
 *
 * @throws {RequestError} `input_invalid` if one is not a whole number from 1 to 2^31 - 1 (0 redirects are allowed).
 */
export function egressLimits(given: Partial<EgressLimits> = {}): EgressLimits {
  const limits = { ...EGRESS_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) atLeast(name, value, name === "maxRedirects" ? 0 : 1)
  return limits
}

/** The longest time a timer takes, and more bytes than one piece of memory should hold. */
const LARGEST = 2 ** 31 - 1

/**
 * Refuses what is not a whole number, is too small, or larger than a timer takes.
 *
 * @param name - of the option, for the message.
 * @throws {RequestError} `input_invalid`.
 */
export function atLeast(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= LARGEST) return
  throw new RequestError("input_invalid", `${name} must be a whole number from ${least} to ${LARGEST}`)
}
