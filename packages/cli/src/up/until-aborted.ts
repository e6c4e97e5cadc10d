/**
 * Waits for a process to be told to stop.
 * @module
 */

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    // An abort listener keeps no process running; the parts' pipes do.
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
}
