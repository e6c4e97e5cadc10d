import { hasCode, NightlightError } from "@nightlight/core"

/** Why a check did not speak: in metrics and in `/readyz`, never told to callers. */
export const FAILURE_CAUSES = [
  /** It threw for a reason of its own. */
  "failed",
  /** It, or the service that it asks, did not answer in time. */
  "timed_out",
  /** What it returned is not a verdict. */
  "malformed",
  /** Nothing real looked at an item. */
  "unscreened",
  /** Its service cannot be connected to, or broke off. */
  "unreachable",
  /** Its service answered with a status of 500 or more. */
  "unavailable",
  /** Its service does not take so many questions: status 429. */
  "overloaded",
  /** Its service did not take the question: any other status but 200. */
  "refused",
  /** Its service's answer is not of the form that was agreed. */
  "wrong_form",
  /** There is more to ask about than it may be asked at once. */
  "too_many_pieces",
  /** Its service failed often and is not called for a while. */
  "left_alone",
  /** The recorded basis for sending it pictures has ended. */
  "basis_ended",
] as const

/** One of {@link FAILURE_CAUSES}. */
export type FailureCause = (typeof FAILURE_CAUSES)[number]

/** The cause that an error names in its details, `timed_out` by its code, else `failed`. */
export function failureCauseOf(error: unknown): FailureCause {
  const named = error instanceof NightlightError ? (error.details["cause"] as FailureCause) : undefined
  if (named !== undefined && FAILURE_CAUSES.includes(named)) return named
  return hasCode(error, "timed_out") ? "timed_out" : "failed"
}
