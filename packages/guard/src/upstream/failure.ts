/**
 * Rewords errors of undici, which may quote addresses.
 * @module
 */
import { errors } from "undici"
import { GuardRefusal } from "../errors.ts"

/** Turns a connection error into a refusal. */
export function toUpstreamRefusal(error: unknown): GuardRefusal {
  const isTimeout =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  return isTimeout
    ? new GuardRefusal("upstream_timed_out", "the upstream did not answer in time")
    : new GuardRefusal("upstream_failed", "the upstream cannot be reached, or broke the connection off")
}
