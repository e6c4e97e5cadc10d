import { HOUR_MS } from "@nightlight/core"
import type { AccountRecord } from "./caller.ts"

/** What an account's heat leads to. A block counts 1, a near miss less, and both halve with every half-life. */
export interface LadderOptions {
  readonly halfLifeMs: number
  readonly nearMissWeight: number
  readonly warnAt: number
  readonly throttleAt: number
  readonly suspendAt: number
  /** From here on a person should look. */
  readonly reviewAt: number
  /** Calls a minute of a throttled account. */
  readonly throttledPerMinute: number
}

/** The ladder unless an operator says otherwise: one block warns, three throttle, six suspend, ten ask for a person. */
export const LADDER: LadderOptions = {
  halfLifeMs: HOUR_MS,
  nearMissWeight: 0.25,
  warnAt: 0.5,
  throttleAt: 2.5,
  suspendAt: 5.5,
  reviewAt: 9.5,
  throttledPerMinute: 6,
}

/** Heat after a time. */
export function decayed(heat: number, elapsedMs: number, { halfLifeMs }: LadderOptions): number {
  // A clock that went back cools nothing and heats nothing.
  const left = heat * 0.5 ** (Math.max(0, elapsedMs) / halfLifeMs)
  return left < 0.01 ? 0 : left
}

/** A rung with the one above it. */
export type Rung = AccountRecord["step"] | "human_review"

/** The rung of a heat. */
export function rungOf(heat: number, { warnAt, throttleAt, suspendAt, reviewAt }: LadderOptions): Rung {
  if (heat >= reviewAt) return "human_review"
  if (heat >= suspendAt) return "suspended"
  if (heat >= throttleAt) return "throttled"
  return heat >= warnAt ? "warned" : "none"
}
