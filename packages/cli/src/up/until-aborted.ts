/**
 * Waits until a process is told to stop.
 * @module
 */

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    // An abort listener does not keep a process running; the pipes of the parts do.
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
}
