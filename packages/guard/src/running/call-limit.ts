/**
 * How many calls a key may make: a bucket that fills steadily, one for all workers of a guard.
 * @module
 */
import type { Clock } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"

/** What a key may do. */
export interface CallLimitOptions {
  /** Calls a minute, in the long run. */
  readonly perMinute: number
  /** Calls at once after a pause. */
  readonly burst: number
}

const MAX_BUCKETS = 10_000

/** Makes the limit: a function that takes one call. It throws {@link GuardRefusal} `rate_limit_exceeded` when none is left. */
export function createCallLimit(clock: Clock, { perMinute, burst }: CallLimitOptions): (key: string) => void {
  const buckets = new Map<string, { left: number; atMs: number }>()
  return (key) => {
    const nowMs = clock.now().getTime()
    const known = buckets.get(key)
    // A clock that was put back gives nothing, and takes nothing.
    const passedMs = known === undefined ? 0 : Math.max(0, nowMs - known.atMs)
    const left = Math.min(burst, (known?.left ?? burst) + (passedMs * perMinute) / 60_000)
    if (left < 1) throw new GuardRefusal("rate_limit_exceeded", "this key makes too many calls")
    if (known === undefined) {
      buckets.set(key, { left: left - 1, atMs: nowMs })
      const [oldest] = buckets.keys()
      if (buckets.size > MAX_BUCKETS && oldest !== undefined) buckets.delete(oldest)
    } else {
      known.left = left - 1
      known.atMs = nowMs
    }
  }
}
