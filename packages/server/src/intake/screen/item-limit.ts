import { DEFAULT_CALLS_PER_MINUTE } from "@nightlight/contract/server"
import { type Clock, RequestError } from "@nightlight/core"
import type { Actor } from "../../platform/auth/actor.ts"
import { createCallLimit } from "../../platform/http/call-limit.ts"

/**
 * Makes the limit on screened items: each key's own `callsPerMinute`, at once after a pause and in the long run, counted
 * in this process only.
 *
 * @returns A function that takes so many items of a caller, all or none. It throws {@link RequestError}
 *   `too_many_requests` if fewer are left; `body_too_large` if the caller never has so many.
 */
export function createItemLimit(clock: Clock): (actor: Actor, items: number) => void {
  /** By rate: a key's own never changes. */
  const limits = new Map<number, ReturnType<typeof createCallLimit>>()
  return (actor, items) => {
    const perMinute = actor.kind === "service" ? actor.callsPerMinute : DEFAULT_CALLS_PER_MINUTE
    if (items > perMinute) {
      throw new RequestError("body_too_large", "there are more items than this key may have screened in a minute", {
        details: { callsPerMinute: perMinute },
      })
    }
    const take = limits.get(perMinute) ?? createCallLimit(clock, { perMinute, burst: perMinute, mayOwe: false })
    limits.set(perMinute, take)
    take(actor.id, items)
  }
}
