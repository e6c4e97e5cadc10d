import { hasCode, NightlightError } from "@nightlight/core"

/** Why a check gave no verdict: shown in metrics and `/readyz`, never to callers. */
export const FAILURE_CAUSES = [
  /** It threw for a reason of its own. */
  "failed",
  /** The check, or the service that it asks, did not answer in time. */
  "timed_out",
  /** It returned something that is not a verdict. */
  "malformed",
  /** Nothing real checked an item. */
  "unscreened",
  /** Its service could not be reached, or broke the connection off. */
  "unreachable",
  /** Its service answered with a status of 500 or more. */
  "unavailable",
  /** Its service accepts no more questions now: status 429. */
  "overloaded",
  /** Its service refused the question: any other status except 200. */
  "refused",
  /** Its service's answer does not have the agreed form. */
  "wrong_form",
  /** The content needs more questions than one call may ask. */
  "too_many_pieces",
  /** Its service failed often and is not called for a while. */
  "left_alone",
  /** The recorded legal basis for sending it pictures has ended. */
  "basis_ended",
] as const

/** One of {@link FAILURE_CAUSES}. */
export type FailureCause = (typeof FAILURE_CAUSES)[number]

/** Returns the cause that an error names in its details, `timed_out` by its code, else `failed`. */
export function failureCauseOf(error: unknown): FailureCause {
  const named = error instanceof NightlightError ? (error.details["cause"] as FailureCause) : undefined
  if (named !== undefined && FAILURE_CAUSES.includes(named)) return named
  return hasCode(error, "timed_out") ? "timed_out" : "failed"
}
