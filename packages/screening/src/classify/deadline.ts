/**
 * A time limit for calls to ports.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import { onAbort } from "./on-abort.ts"

/**
 * Runs a task with a time limit, even if the task ignores its signal.
 *
 * @param task - gets a signal that fires at the deadline or with the caller's. Its result after that is ignored.
 * @param timeoutMs - milliseconds from now.
 * @throws {DependencyError} `timed_out` at the deadline.
 * @throws the reason of `signal` when the caller gives up; whatever the task throws.
 */
export async function withDeadline<T>(
  task: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (reason: unknown) => {
    reject(reason)
    controller.abort(reason)
  }
  const timer = setTimeout(() => stop(new DependencyError("timed_out", "time limit reached")), timeoutMs)
  const ignore = signal === undefined ? undefined : onAbort(signal, stop)
  // A task that throws before it returns its promise fails like one that rejects.
  const start = async () => task(controller.signal)
  start().then(resolve, reject)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    ignore?.()
  }
}
