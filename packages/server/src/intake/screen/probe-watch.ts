/**
 * Notices a caller that probes the lists: it sends many pictures that are nearly, but not quite, equal, to learn where
 * a list's entry begins. Whether any of them matched plays no part, so the watch itself reveals nothing.
 * @module
 */

import type { Clock } from "@nightlight/core"
import { HOUR_MS } from "@nightlight/core"
import { fromHex, hammingDistance } from "@nightlight/pdq"

/** Detects callers that probe the lists with variants of one picture. Remembers in memory. */
export interface ProbeWatch {
  /**
   * Records a picture's PDQ hash.
   *
   * @returns Whether this makes the caller a prober, for the first time since it was last throttled.
   */
  note(caller: string, pdq: string): boolean
  /** Whether a caller is throttled now. */
  isThrottled(caller: string): boolean
}

/** Pictures closer than this, but not equal, are neighbours: a list's radius. */
const NEAR_BITS = 31

/** This many neighbours of one picture within the memory are no coincidence. */
const MANY_NEIGHBOURS = 20
const REMEMBERED = 512
const FORGET_MS = HOUR_MS
const THROTTLE_MS = 15 * 60_000
const MAX_CALLERS = 1000

interface Caller {
  hashes: { readonly hash: Uint8Array; readonly atMs: number }[]
  throttledUntilMs: number
}

/** Makes the watch; memory is bounded: 512 hashes a caller, 1,000 callers. */
export function createProbeWatch(clock: Clock): ProbeWatch {
  const callers = new Map<string, Caller>()
  return {
    note: (name, pdq) => {
      const nowMs = clock.now().getTime()
      const hash = fromHex(pdq)
      const caller = callers.get(name) ?? { hashes: [], throttledUntilMs: 0 }
      callers.delete(name)
      callers.set(name, caller)
      const [oldest] = callers.keys()
      if (callers.size > MAX_CALLERS && oldest !== undefined) callers.delete(oldest)

      const recent = caller.hashes.filter(({ atMs }) => nowMs - atMs < FORGET_MS)
      const distances = recent.map((known) => hammingDistance(known.hash, hash))
      // The same picture again is a retry, and teaches its sender nothing new.
      if (distances.includes(0)) return false
      caller.hashes = [...recent.slice(-(REMEMBERED - 1)), { hash, atMs: nowMs }]
      const neighbours = distances.filter((bits) => bits <= NEAR_BITS).length
      if (neighbours < MANY_NEIGHBOURS || nowMs < caller.throttledUntilMs) return false
      caller.throttledUntilMs = nowMs + THROTTLE_MS
      return true
    },
    isThrottled: (name) => clock.now().getTime() < (callers.get(name)?.throttledUntilMs ?? 0),
  }
}
