/**
 * Notices a caller that probes the lists: it sends many pictures that are nearly, but not quite, equal, to learn where
 * a list's entry begins. It judges by what is looked up, not by how many calls a key may make:
 *
 * - Many neighbours among a caller's latest pictures throttle it, and raise the alarm. Whether any of them matched plays
 *   no part, so the throttle itself reveals nothing.
 * - Many neighbours of pictures that matched, within an hour, raise the alarm alone, which the caller does not see.
 *   Other pictures sent between them, however many, hide nothing.
 * @module
 */

import type { Clock } from "@nightlight/core"
import { HOUR_MS } from "@nightlight/core"
import { fromHex, hammingDistance, MATCH_RADIUS_BITS } from "@nightlight/pdq"

/** Detects callers that probe the lists with variants of one picture. Remembers in memory. */
export interface ProbeWatch {
  /**
   * Records a picture's PDQ hash.
   *
   * @param matched - Whether the picture matched an entry of a list.
   * @returns Whether this makes the caller a prober, at most twice in a quarter of an hour.
   */
  note(caller: string, pdq: string, matched: boolean): boolean
  /** Whether a caller is throttled now. */
  isThrottled(caller: string): boolean
}

/** This many neighbours of one picture within the memory are no coincidence. */
const MANY_NEIGHBOURS = 20
const REMEMBERED = 512
const FORGET_MS = HOUR_MS
const THROTTLE_MS = 15 * 60_000
const MAX_CALLERS = 1000

interface Noted {
  readonly hash: Uint8Array
  readonly atMs: number
}

interface Caller {
  /** The latest pictures, whatever came of them. */
  latest: readonly Noted[]
  /** The latest pictures that matched, or nearly equal one that did. */
  nearMatches: readonly Noted[]
  throttledUntilMs: number
  /** Until when neighbours of matches raise no further alarm. */
  quietUntilMs: number
}

/** Makes the watch; memory is bounded: 512 hashes of each kind a caller, 1,000 callers. */
export function createProbeWatch(clock: Clock): ProbeWatch {
  const callers = new Map<string, Caller>()

  function callerOf(name: string): Caller {
    const caller = callers.get(name) ?? { latest: [], nearMatches: [], throttledUntilMs: 0, quietUntilMs: 0 }
    callers.delete(name)
    callers.set(name, caller)
    const [oldest] = callers.keys()
    if (callers.size > MAX_CALLERS && oldest !== undefined) callers.delete(oldest)
    return caller
  }

  return {
    note: (name, pdq, matched) => {
      const nowMs = clock.now().getTime()
      const noted = { hash: fromHex(pdq), atMs: nowMs }
      const caller = callerOf(name)
      const latest = lookUp(caller.latest, noted)
      const nearMatches = lookUp(caller.nearMatches, noted)
      // The same picture again is a retry, and teaches its sender nothing new.
      if (!latest.isKnown) caller.latest = [...latest.recent, noted]
      const isNearMatch = !nearMatches.isKnown && (matched || nearMatches.neighbours > 0)
      if (isNearMatch) caller.nearMatches = [...nearMatches.recent, noted]

      let isProber = false
      if (!latest.isKnown && latest.neighbours >= MANY_NEIGHBOURS && nowMs >= caller.throttledUntilMs) {
        caller.throttledUntilMs = nowMs + THROTTLE_MS
        isProber = true
      }
      if (isNearMatch && nearMatches.neighbours >= MANY_NEIGHBOURS && nowMs >= caller.quietUntilMs) {
        caller.quietUntilMs = nowMs + THROTTLE_MS
        isProber = true
      }
      return isProber
    },
    isThrottled: (name) => clock.now().getTime() < (callers.get(name)?.throttledUntilMs ?? 0),
  }
}

/** Compares a picture with those remembered of the last hour, of which `recent` leaves room for it. */
function lookUp(
  remembered: readonly Noted[],
  { hash, atMs }: Noted,
): { readonly recent: readonly Noted[]; readonly neighbours: number; readonly isKnown: boolean } {
  const lasting = remembered.filter((known) => atMs - known.atMs < FORGET_MS)
  const distances = lasting.map((known) => hammingDistance(known.hash, hash))
  return {
    recent: lasting.slice(-(REMEMBERED - 1)),
    neighbours: distances.filter((bits) => bits <= MATCH_RADIUS_BITS).length,
    isKnown: distances.includes(0),
  }
}
