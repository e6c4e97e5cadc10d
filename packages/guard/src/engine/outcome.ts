/**
 * The outcome that the engine makes of all checks' verdicts. Decision and action are kept apart.
 * @module
 */
import type { Decision } from "@nightlight/core"
import type { Signal } from "../checks/check.ts"
import type { FailureCause } from "../checks/failure-cause.ts"

/**
 * Action of the guard. `block` where something was found; `unavailable` where a required check did not answer, or
 * nothing real was there to check with: an untrusted caller sees no difference.
 */
export type Action = "pass" | "block" | "unavailable"

/** The stream was ended because too much was held back, of texts or of pictures in texts; nothing was found. */
export type HeldTooMuch = "held_text_too_long" | "held_picture_too_large"

/** Why an exchange is `unavailable`: codes for operators and metrics. */
export interface Failure {
  readonly check: string
  readonly cause: FailureCause | HeldTooMuch
  /** True where an exception in force excuses it: it is counted, and changes nothing. */
  readonly excused?: true
}

/** The outcome of a run without checks. */
export const PASSED: Outcome = { decision: "clear", action: "pass", signals: [], failures: [], ran: [] }

/** The result of one run of the checks over one message, answer or window. */
export interface Outcome {
  /** The gravest decision that counts. */
  readonly decision: Decision
  readonly action: Action
  /** Every signal, shadow ones included. */
  readonly signals: readonly Signal[]
  readonly failures: readonly Failure[]
  /** Checks that ran, with the milliseconds each took, and the position from which each says a match is pending. */
  readonly ran: readonly { readonly check: string; readonly ms: number; readonly pendingFrom?: number }[]
}
