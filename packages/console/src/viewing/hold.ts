/**
 * Holding to see, as a machine of a few states: what a hand, a clock and the picture's arrival make of each other. It
 * knows no browser and no clock of its own.
 * @module
 */

/**
 * `rest`: nothing is held. `filling`: held, the ring fills. `waiting`: the ring is full, the picture is not there yet.
 * `showing`: the picture is visible. `spent`: still held, hidden again; the hand must let go first.
 */
export type HoldPhase = "rest" | "filling" | "waiting" | "showing" | "spent"

/** How a hold stands. Times are milliseconds of one clock. */
export interface Hold {
  readonly phase: HoldPhase
  /** When the phase began. */
  readonly sinceMs: number
  /** How long the picture was visible before this phase, all holds together. */
  readonly shownMs: number
}

/** How long a ring fills, and how long a picture stays at most. */
export interface HoldTimes {
  readonly fillMs: number
  readonly showMs: number
}

/** Nothing held, nothing seen. */
export const AT_REST: Hold = { phase: "rest", sinceMs: 0, shownMs: 0 }

/** A hand comes down; one that has not let go yet changes nothing. */
export function press(hold: Hold, nowMs: number): Hold {
  return hold.phase === "rest" ? { ...hold, phase: "filling", sinceMs: nowMs } : hold
}

/** The hand lets go, the pointer leaves, the window loses the focus: hidden at once. */
export function release(hold: Hold, nowMs: number): Hold {
  return hold.phase === "rest" ? hold : { phase: "rest", sinceMs: nowMs, shownMs: shownMsAt(hold, nowMs) }
}

/** Time passes. `isReady`: whether the picture could be shown now. */
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

/** When time alone changes something next; `undefined` if it never does. */
export function changesAtMs({ phase, sinceMs }: Hold, times: HoldTimes): number | undefined {
  if (phase === "filling") return sinceMs + times.fillMs
  return phase === "showing" ? sinceMs + times.showMs : undefined
}

/** How long the picture was visible by now, all holds together. */
export function shownMsAt({ phase, sinceMs, shownMs }: Hold, nowMs: number): number {
  return phase === "showing" ? shownMs + Math.max(0, nowMs - sinceMs) : shownMs
}
