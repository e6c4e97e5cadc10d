import type { Clock } from "@nightlight/core"

/** A clock that a test moves. */
export interface MovingClock extends Clock {
  /** Moves it by milliseconds, forwards or back. */
  move(ms: number): void
}

/** Starts a clock at noon of a day in 2026. */
export function movingClock(start = "2026-06-01T12:00:00.000Z"): MovingClock {
  let ms = Date.parse(start)
  return {
    now: () => new Date(ms),
    move: (by) => {
      ms += by
    },
  }
}
