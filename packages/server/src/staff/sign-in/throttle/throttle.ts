/**
 * Throttling: each failed try makes the next one wait longer, up to a quarter of an hour. There is no lock, since a
 * stranger could use it to keep a person out. The wait applies to an account at one address. Three kinds of caller are
 * counted apart, so that a stranger at the same address does not affect the first two: a browser in which the person
 * signed in before, one that was told to wait and did, and everybody else. An address that tries often gets fewer tries
 * without a wait for each account, but never none.
 * @module
 */

import { RequestError } from "@nightlight/core"
import { networkOf } from "../../../platform/http/caller-limits.ts"
import type { Alarms } from "../../alarms/service.ts"
import type { SignInDeps } from "../types.ts"
import * as store from "./store.ts"

const PAIR: store.Pace = { free: 3, longestSeconds: 900, forgetSeconds: 86_400 }
const ADDRESS: store.Pace = { free: 60, longestSeconds: 60, forgetSeconds: 3600 }
/** For an account at an address that tries often. */
const BUSY_PAIR: store.Pace = { ...PAIR, free: 1 }
/** For an account over all addresses: counted for the alarm, never made to wait. */
const ACCOUNT: store.Pace = { free: 1_000_000_000, longestSeconds: 0, forgetSeconds: 3600 }

/** How long a browser that keeps its turn waits, and until when its turn is valid. */
export const TURN_SECONDS = { wait: 10, last: 3600 } as const

/** Failures of one account within an hour that raise an alarm. */
export const ALARM_FAILURES = 10

/** A counted try to sign in, which ends well or badly. */
export interface SignInAttempt {
  /** Ends it well: what was counted is forgotten. */
  succeeded(): Promise<void>
  /** Ends it with a failure; `personId` if the account exists. Raises an alarm from the tenth on. */
  failed(personId: string | undefined): Promise<void>
}

/** Where a try comes from. */
export type AttemptOrigin =
  | {
      readonly address: string
      /** Whether it was told to wait at least {@link TURN_SECONDS} ago, and comes back with its turn. */
      readonly waited?: boolean
    }
  | { readonly known: string }

/** Counts tries. */
export interface Throttle {
  /**
   * Counts a try, before it is made.
   *
   * @param account - What is tried: an e-mail address or a person's id.
   * @param from - IP address of the caller (the first 64 bits of IPv6), or a known browser or session.
   * @throws {RequestError} `too_many_requests` with `retryAfterSeconds`.
   */
  enter(account: string, from: AttemptOrigin): Promise<SignInAttempt>
}

/** Makes the throttle. Its rows hold keyed digests, neither addresses nor accounts. */
export function createThrottle({ db, clock, digests, alarms }: SignInDeps & { readonly alarms: Alarms }): Throttle {
  /** When a browser that keeps its turn may try again: soon, unless others who waited failed as well. */
  const earliest = async (waitUntil: Date, turn: string, pace: store.Pace, now: Date): Promise<Date> => {
    const turnAt = new Date(now.getTime() + TURN_SECONDS.wait * 1000)
    const waiting = await store.readWaitUntil(db, turn, pace, now)
    const soonest = waiting !== undefined && waiting > turnAt ? waiting : turnAt
    return soonest < waitUntil ? soonest : waitUntil
  }
  return {
    enter: async (account, from) => {
      const keyOf = (what: string, of: string) => digests.of("sign-in-try", `${what} ${of}`)
      const now = clock.now()
      const network = "address" in from ? keyOf("address", networkOf(from.address)) : undefined
      const isBusy = network !== undefined && "waitUntil" in (await store.countAttempt(db, network, ADDRESS, now))
      const pace = isBusy ? BUSY_PAIR : PAIR
      const ownOf = (what: string, address: string) => keyOf(what, `${networkOf(address)} ${account}`)
      let own = "address" in from ? ownOf("pair", from.address) : keyOf("known", from.known)
      let counted = await store.countAttempt(db, own, pace, now)
      if ("waitUntil" in counted && "address" in from) {
        const turn = ownOf("turn", from.address)
        if (from.waited === true) {
          counted = await store.countAttempt(db, turn, pace, now)
          own = turn
        } else counted = { waitUntil: await earliest(counted.waitUntil, turn, pace, now) }
      }
      if ("waitUntil" in counted) throw tooMany(counted.waitUntil, now)
      const whole = keyOf("account", account)
      return {
        succeeded: async () => {
          await store.forgetTries(db, own)
          if (network !== undefined) await store.undoTry(db, network)
        },
        failed: async (personId) => {
          const counted = await store.countAttempt(db, whole, ACCOUNT, clock.now())
          if (!("tries" in counted) || counted.tries < ALARM_FAILURES) return
          await alarms.raiseNow({ code: "sign-in-failures", subject: personId ?? "account-unknown" })
        },
      }
    },
  }
}

function tooMany(waitUntil: Date, now: Date): RequestError {
  const retryAfterSeconds = Math.max(1, Math.ceil((waitUntil.getTime() - now.getTime()) / 1000))
  return new RequestError("too_many_requests", "too many tries: wait before you try again", {
    details: { retryAfterSeconds },
  })
}
