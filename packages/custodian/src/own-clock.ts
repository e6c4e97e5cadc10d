/**
 * The custodian's own time: the machine's clock, as long as it runs at the pace of time.
 * @module
 */

import type { Clock } from "@nightlight/core"
import { DAY_MS } from "@nightlight/core"

/** A fault of the machine's clock. */
export interface ClockAlarm {
  readonly kind: "went-back" | "jumped-ahead"
  /** Rounded. */
  readonly seconds: number
}

/** A clock that another program's setting of the time does not move. */
export interface OwnClock extends Clock {
  /** Returns the alarms since the last call. */
  takeAlarms(): readonly ClockAlarm[]
}

/** Sources of the time. */
export interface TimeSources {
  readonly clock: Clock
  /** Milliseconds that only grow, at the pace of time. */
  readonly monotonicMs: () => number
}

/** Going back by more than this is an alarm: less is a correction of the clock. */
const BACK_TOLERANCE_MS = 5_000

/** Jumping ahead by more than this is an alarm. */
const AHEAD_TOLERANCE_MS = DAY_MS

/**
 * Starts the clock at the machine's time.
 *
 * While the machine's clock is in doubt, time goes on from where it was, at the pace of the monotonic clock, so that
 * nothing expires or becomes valid again because somebody set a clock. It follows the machine again as soon as both
 * agree, or after a restart.
 *
 * @param lastTime - The latest time on record; a start before it, or more than a day after it, is an alarm too.
 */
export function createOwnClock({ clock, monotonicMs }: TimeSources, lastTime?: Date): OwnClock {
  let base = { wallMs: clock.now().getTime(), monotonicMs: monotonicMs() }
  let alarms: ClockAlarm[] = []
  let inDoubt = false
  if (lastTime !== undefined) notice(base.wallMs - lastTime.getTime())

  function notice(driftMs: number): boolean {
    const kind = driftMs < -BACK_TOLERANCE_MS ? "went-back" : driftMs > AHEAD_TOLERANCE_MS ? "jumped-ahead" : undefined
    if (kind === undefined) return false
    alarms.push({ kind, seconds: Math.round(Math.abs(driftMs) / 1000) })
    return true
  }

  return {
    now() {
      const wallMs = clock.now().getTime()
      const elapsedMs = monotonicMs() - base.monotonicMs
      const expectedMs = base.wallMs + elapsedMs
      const driftMs = wallMs - expectedMs
      if (inDoubt ? isOff(driftMs) : notice(driftMs)) {
        inDoubt = true
        return new Date(expectedMs)
      }
      inDoubt = false
      // Never back, not even by an amount too small for an alarm.
      base = { wallMs: Math.max(wallMs, base.wallMs), monotonicMs: base.monotonicMs + elapsedMs }
      return new Date(base.wallMs)
    },
    takeAlarms() {
      const taken = alarms
      alarms = []
      return taken
    },
  }
}

function isOff(driftMs: number): boolean {
  return driftMs < -BACK_TOLERANCE_MS || driftMs > AHEAD_TOLERANCE_MS
}
