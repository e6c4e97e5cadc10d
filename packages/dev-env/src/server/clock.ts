import type { Clock } from "@nightlight/core"

/** A clock that a test moves. */
export interface MovingClock extends Clock {
  /** Moves the clock; a negative number moves it back. */
  move(ms: number): void
}

/** Makes a clock that a test moves. It starts at noon UTC of 1 June 2026 by default. */
export function movingClock(start = "2026-06-01T12:00:00.000Z"): MovingClock {
  let ms = Date.parse(start)
  return {
    now: () => new Date(ms),
    move: (by) => {
      ms += by
    },
  }
}
