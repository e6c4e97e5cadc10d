/**
 * How many calls a key may make: a token bucket, one for all workers of a guard.
 * @module
 */
import type { Clock } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"

/** The rate limit of a key. */
export interface CallLimitOptions {
  /** Calls per minute, on average. */
  readonly perMinute: number
  /** Calls at once after a pause. */
  readonly burst: number
}

const MAX_BUCKETS = 10_000

/**
 * Makes the limit: a function that counts one call of a key. It throws {@link GuardRefusal} `rate_limit_exceeded` when
 * none is left.
 */
export function createCallLimit(clock: Clock, { perMinute, burst }: CallLimitOptions): (key: string) => void {
  const buckets = new Map<string, { left: number; atMs: number }>()
  return (key) => {
    const nowMs = clock.now().getTime()
    const known = buckets.get(key)
    // A clock that was put back neither adds nor removes calls.
    const passedMs = known === undefined ? 0 : Math.max(0, nowMs - known.atMs)
    const left = Math.min(burst, (known?.left ?? burst) + (passedMs * perMinute) / 60_000)
    if (left < 1) throw new GuardRefusal("rate_limit_exceeded", "this key exceeds its rate limit")
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
