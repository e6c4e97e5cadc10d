import { DependencyError } from "@nightlight/core"

/** One time limit over all steps of a call, combined with the caller's signal. */
export interface Deadline extends Disposable {
  /** Aborted with the error to throw. */
  readonly signal: AbortSignal
  /** Ends the call early with this error. */
  readonly fail: (error: Error) => void
}

/**
 * Starts a time limit. Dispose of it when the call has ended.
 *
 * @param host - host named in the error.
 * @param caller - its reason is passed on unchanged.
 */
export function startDeadline(timeoutMs: number, host: string, caller?: AbortSignal): Deadline {
  const controller = new AbortController()
  const fail = (error: Error) => controller.abort(error)
  const onCaller = () => controller.abort(caller?.reason)
  const timer = setTimeout(() => fail(timedOut("deadline", host)), timeoutMs)
  if (caller?.aborted === true) onCaller()
  caller?.addEventListener("abort", onCaller, { once: true })
  return {
    signal: controller.signal,
    fail,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      caller?.removeEventListener("abort", onCaller)
    },
  }
}

/** The error for a call that took too long. */
export function timedOut(reason: "deadline" | "slow_body", host: string): DependencyError {
  return new DependencyError("timed_out", "the host did not answer within the time limit", {
    details: { reason, host },
  })
}
