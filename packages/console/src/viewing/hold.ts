/**
 * The states of hold-to-view, as pure functions of the time, the press and whether the picture is loaded.
 * @module
 */

/**
 * `rest`: not held. `filling`: held, the ring fills. `waiting`: the ring is full, the picture is not loaded. `showing`:
 * the picture is visible. `spent`: still held, but hidden again until it is released.
 */
export type HoldPhase = "rest" | "filling" | "waiting" | "showing" | "spent"

/** The state of a hold. Times are milliseconds of one clock. */
export interface Hold {
  readonly phase: HoldPhase
  /** Start of the phase. */
  readonly sinceMs: number
  /** Total time the picture was visible before this phase, over all holds. */
  readonly shownMs: number
}

/** How long the ring fills, and how long the picture is visible at most. */
export interface HoldTimes {
  readonly fillMs: number
  readonly showMs: number
}

/** Not held, nothing shown yet. */
export const AT_REST: Hold = { phase: "rest", sinceMs: 0, shownMs: 0 }

/** Starts a hold; without effect until the previous one is released. */
export function startHold(hold: Hold, nowMs: number): Hold {
  return hold.phase === "rest" ? { ...hold, phase: "filling", sinceMs: nowMs } : hold
}

/** Ends a hold and hides the picture at once: on release, when the pointer leaves, when the window loses the focus. */
export function release(hold: Hold, nowMs: number): Hold {
  return hold.phase === "rest" ? hold : { phase: "rest", sinceMs: nowMs, shownMs: shownMsAt(hold, nowMs) }
}

/** The state at a later time. `isReady`: whether the picture is loaded. */
export function advance(hold: Hold, nowMs: number, isReady: boolean, times: HoldTimes): Hold {
  const { phase, sinceMs, shownMs } = hold
  const isFull = phase === "waiting" || (phase === "filling" && nowMs - sinceMs >= times.fillMs)
  if (isFull && isReady) return { phase: "showing", sinceMs: nowMs, shownMs }
  if (isFull && phase === "filling") return { phase: "waiting", sinceMs: nowMs, shownMs }
  if (phase === "showing" && nowMs - sinceMs >= times.showMs) {
    return { phase: "spent", sinceMs: nowMs, shownMs: shownMsAt(hold, nowMs) }
  }
  return hold
}

/** When the phase next changes by time alone; `undefined` if it does not. */
export function changesAtMs({ phase, sinceMs }: Hold, times: HoldTimes): number | undefined {
  if (phase === "filling") return sinceMs + times.fillMs
  return phase === "showing" ? sinceMs + times.showMs : undefined
}

/** Total time the picture was visible until now, over all holds. */
export function shownMsAt({ phase, sinceMs, shownMs }: Hold, nowMs: number): number {
  return phase === "showing" ? shownMs + Math.max(0, nowMs - sinceMs) : shownMs
}
