/**
 * How many calls a key may make: a bucket that fills steadily, in this process alone.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"

/** What a key may do. */
export interface CallLimitOptions {
  /** Calls a minute, in the long run. */
  readonly perMinute: number
  /** Calls at once after a pause. */
  readonly burst: number
}

interface Bucket {
  left: number
  atMs: number
}

const MAX_BUCKETS = 10_000

/**
 * Makes the limit.
 *
 * @returns A function that takes one call of a key, or as many as one is worth: those that follow wait for what it owes.
 *   It throws {@link RequestError} `too_many_requests` when none is left; asked for 0, when the key owes some.
 */
export function createCallLimit(
  clock: Clock,
  { perMinute, burst }: CallLimitOptions,
): (key: string, calls?: number) => void {
  const buckets = new Map<string, Bucket>()
  return (key, calls = 1) => {
    const nowMs = clock.now().getTime()
    const known = buckets.get(key)
    // A clock that was put back gives nothing, and takes nothing.
    const passedMs = known === undefined ? 0 : Math.max(0, nowMs - known.atMs)
    const left = Math.min(burst, (known?.left ?? burst) + (passedMs * perMinute) / 60_000)
    if (left < Math.min(calls, 1)) {
      const retryAfterSeconds = Math.max(1, Math.ceil(((1 - left) * 60) / perMinute))
      throw new RequestError("too_many_requests", "this key calls more often than it may", {
        details: { retryAfterSeconds },
      })
    }
    buckets.delete(key)
    buckets.set(key, { left: left - calls, atMs: nowMs })
    const [oldest] = buckets.keys()
    if (buckets.size > MAX_BUCKETS && oldest !== undefined) buckets.delete(oldest)
  }
}
