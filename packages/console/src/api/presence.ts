/**
 * Whether somebody is at the page. Background reads must not keep an idle session alive.
 * @module
 */

/** A read within this time after an input counts as caused by it. */
const ATTENDED_MS = 20_000

let lastInputMs = Number.NEGATIVE_INFINITY
function noteInput(): void {
  lastInputMs = performance.now()
}
for (const name of ["keydown", "pointerdown", "wheel"] as const) {
  globalThis.addEventListener?.(name, noteInput, { capture: true, passive: true })
}

/** Whether a key, a pointer button or the wheel was used within the last 20 seconds. */
export const isAttended = (): boolean => performance.now() - lastInputMs < ATTENDED_MS
