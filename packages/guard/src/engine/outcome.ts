/**
 * What the engine makes of all checks' verdicts. The verdict and the action are kept apart.
 * @module
 */
import type { Decision } from "@nightlight/core"
import type { Signal } from "../checks/check.ts"
import type { FailureCause } from "../checks/failure-cause.ts"

/**
 * What is done. `block` for what was found; `unavailable` where a check that must speak did not, or nothing real was
 * there to check with: a caller that is not trusted sees no difference.
 */
export type Action = "pass" | "block" | "unavailable"

/** A stream was ended by a bound of what is held back, though nothing was found: of texts, or of pictures in texts. */
export type HeldTooMuch = "held_text_too_long" | "held_picture_too_large"

/** Why an exchange is `unavailable`: codes for operators and metrics. */
export interface Failure {
  readonly check: string
  readonly cause: FailureCause | HeldTooMuch
  /** True where an exception in force lets it pass: counted, and changes nothing. */
  readonly excused?: true
}

/** What a run of no check gives. */
export const PASSED: Outcome = { decision: "clear", action: "pass", signals: [], failures: [], ran: [] }

/** The result of one run of the checks over one message, answer or window. */
export interface Outcome {
  /** The gravest decision that counts. */
  readonly decision: Decision
  readonly action: Action
  /** Every signal, shadow ones included. */
  readonly signals: readonly Signal[]
  readonly failures: readonly Failure[]
  /** Checks that ran, with what each took, milliseconds, and what it said is pending. */
  readonly ran: readonly { readonly check: string; readonly ms: number; readonly pendingFrom?: number }[]
}
