import type { Clock } from "@nightlight/core"

/** A clock that a test moves, by milliseconds: from noon of a day in 2026. */
export function movingClock(): Clock & { move(ms: number): void } {
  let ms = Date.parse("2026-06-01T12:00:00.000Z")
  return {
    now: () => new Date(ms),
    move: (by) => {
      ms += by
    },
  }
}
