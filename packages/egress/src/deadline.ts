import { DependencyError } from "@nightlight/core"

/** One time limit over all steps of a call, together with its caller's wish to stop. */
export interface Deadline extends Disposable {
  /** Aborted with the error to throw. */
  readonly signal: AbortSignal
  /** Ends the call early with this error. */
  readonly fail: (error: Error) => void
}

/**
 * Starts a time limit. Dispose of it when the call has ended.
 *
 * @param host - named in the error.
 * @param caller - its reason is passed on as it is.
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

/** The error for what took too long. */
export function timedOut(reason: "deadline" | "slow_body", host: string): DependencyError {
  return new DependencyError("timed_out", "the host took longer than its limit", { details: { reason, host } })
}
