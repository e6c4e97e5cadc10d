import { HOUR_MS } from "@nightlight/core"
import type { AccountRecord } from "./caller.ts"

/** The consequences of an account's heat. A block counts 1, a near miss less, and both halve with every half-life. */
export interface LadderOptions {
  readonly halfLifeMs: number
  readonly nearMissWeight: number
  readonly warnAt: number
  readonly throttleAt: number
  readonly suspendAt: number
  /** From this heat on a person should review the account. */
  readonly reviewAt: number
  /** Calls that a throttled account may make each minute. */
  readonly throttledPerMinute: number
}

/** The default ladder: one block warns, three throttle, six suspend, ten ask for a person. */
export const LADDER: LadderOptions = {
  halfLifeMs: HOUR_MS,
  nearMissWeight: 0.25,
  warnAt: 0.5,
  throttleAt: 2.5,
  suspendAt: 5.5,
  reviewAt: 9.5,
  throttledPerMinute: 6,
}

/** Returns the heat that is left after `elapsedMs`. */
export function decayed(heat: number, elapsedMs: number, { halfLifeMs }: LadderOptions): number {
  // A clock that went back changes no heat.
  const left = heat * 0.5 ** (Math.max(0, elapsedMs) / halfLifeMs)
  return left < 0.01 ? 0 : left
}

/** A rung of the ladder, including the highest, which asks for a person. */
export type Rung = AccountRecord["step"] | "human_review"

/** Returns the rung of the ladder that a heat reaches. */
export function rungOf(heat: number, { warnAt, throttleAt, suspendAt, reviewAt }: LadderOptions): Rung {
  if (heat >= reviewAt) return "human_review"
  if (heat >= suspendAt) return "suspended"
  if (heat >= throttleAt) return "throttled"
  return heat >= warnAt ? "warned" : "none"
}
