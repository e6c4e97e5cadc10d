/**
 * Whether somebody is at the page: reads that nobody's hand caused must not keep an idle session alive.
 * @module
 */

/** What somebody did so recently is what a read follows from. */
const ATTENDED_MS = 20_000

let lastInputMs = Number.NEGATIVE_INFINITY
function note(): void {
  lastInputMs = performance.now()
}
for (const name of ["keydown", "pointerdown", "wheel"] as const) {
  globalThis.addEventListener?.(name, note, { capture: true, passive: true })
}

/** Whether a key, a button or the wheel was used within the last 20 seconds. */
export const isAttended = (): boolean => performance.now() - lastInputMs < ATTENDED_MS
