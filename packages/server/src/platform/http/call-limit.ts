/**
 * Limits how often a key may call: a token bucket, in this process only.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"

/** Options of {@link createCallLimit}. */
export interface CallLimitOptions {
  /** Calls a minute, in the long run. */
  readonly perMinute: number
  /** Calls at once after a pause. */
  readonly burst: number
  /**
   * Whether a cost of several is taken when one call is left, and the rest owed: true by default. Otherwise all of it
   * must be left.
   */
  readonly mayOwe?: boolean
}

interface Bucket {
  left: number
  atMs: number
}

const MAX_BUCKETS = 10_000

/**
 * Makes the limit.
 *
 * @returns A function that takes one call of a key, or a cost of several, which the following calls wait for. It throws
 *   {@link RequestError} `too_many_requests` when none is left; for a cost of 0, when the key has a debt.
 */
export function createCallLimit(
  clock: Clock,
  { perMinute, burst, mayOwe = true }: CallLimitOptions,
): (key: string, calls?: number) => void {
  const buckets = new Map<string, Bucket>()
  return (key, calls = 1) => {
    const nowMs = clock.now().getTime()
    const known = buckets.get(key)
    // A clock that was set back neither adds nor removes calls.
    const passedMs = known === undefined ? 0 : Math.max(0, nowMs - known.atMs)
    const left = Math.min(burst, (known?.left ?? burst) + (passedMs * perMinute) / 60_000)
    const needed = mayOwe ? Math.min(calls, 1) : calls
    if (left < needed) {
      const retryAfterSeconds = Math.max(1, Math.ceil(((Math.max(needed, 1) - left) * 60) / perMinute))
      throw new RequestError("too_many_requests", "this key makes too many calls", {
        details: { retryAfterSeconds },
      })
    }
    buckets.delete(key)
    buckets.set(key, { left: left - calls, atMs: nowMs })
    const [oldest] = buckets.keys()
    if (buckets.size > MAX_BUCKETS && oldest !== undefined) buckets.delete(oldest)
  }
}
