/**
 * Throttling: each failed try makes the next one wait longer, up to a quarter of an hour; never a lock, which a
 * stranger could hang on somebody's door. Who waits is an account at one address; a browser that signed the person in
 * before waits for its own failures alone, whatever a stranger does at the same address.
 * @module
 */
import { isIPv6 } from "node:net"
import { RequestError } from "@nightlight/core"
import type { Alarms } from "../alarms/service.ts"
import * as store from "./throttle-store.ts"
import type { SignInDeps } from "./types.ts"

const PAIR: store.Pace = { free: 3, longestSeconds: 900, forgetSeconds: 86_400 }
const ADDRESS: store.Pace = { free: 60, longestSeconds: 60, forgetSeconds: 3600 }
/** Of an account over all addresses: counted for the alarm, never made to wait. */
const ACCOUNT: store.Pace = { free: 1_000_000_000, longestSeconds: 0, forgetSeconds: 3600 }

/** Failures of one account within an hour that raise an alarm. */
export const ALARM_FAILURES = 10

/** One try to sign in. */
export interface Try {
  /** Ends it well: what was counted is forgotten. */
  succeeded(): Promise<void>
  /** Ends it badly; `personId` if the account exists. Raises an alarm from the tenth on. */
  failed(personId: string | undefined): Promise<void>
}

/** Where a try comes from. */
export type TriedFrom = { readonly address: string } | { readonly known: string }

/** Counts tries. */
export interface Throttle {
  /**
   * Counts a try, before it is made.
   *
   * @param account - What is tried: an e-mail address, a person's id.
   * @param from - IP address of the caller, of which IPv6 counts the first 64 bits; or a known browser or session.
   * @throws {RequestError} `too_many_requests` with `retryAfterSeconds`.
   */
  enter(account: string, from: TriedFrom): Promise<Try>
}

/** Constructs the throttle. Rows hold keyed digests: neither addresses nor accounts. */
export function createThrottle({ db, clock, digests, alarms }: SignInDeps & { readonly alarms: Alarms }): Throttle {
  return {
    enter: async (account, from) => {
      const keyOf = (what: string, of: string) => digests.of("sign-in-try", `${what} ${of}`)
      const network = "address" in from ? keyOf("address", networkOf(from.address)) : undefined
      const pair =
        "address" in from ? keyOf("pair", `${networkOf(from.address)} ${account}`) : keyOf("known", from.known)
      const whole = keyOf("account", account)
      const count = async (key: string, pace: store.Pace): Promise<void> => {
        const counted = await store.countTry(db, key, pace, clock.now())
        if ("waitUntil" in counted) throw tooMany(counted.waitUntil, clock.now())
      }
      if (network !== undefined) await count(network, ADDRESS)
      await count(pair, PAIR)
      return {
        succeeded: async () => {
          await store.forgetTries(db, pair)
          if (network !== undefined) await store.takeTryBack(db, network)
        },
        failed: async (personId) => {
          const counted = await store.countTry(db, whole, ACCOUNT, clock.now())
          if (!("tries" in counted) || counted.tries < ALARM_FAILURES) return
          await alarms.raiseNow({ code: "sign-in-failures", subject: personId ?? "account-unknown" })
        },
      }
    },
  }
}

/** One subscriber's network: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0")
  const groups = [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16).toString(16))
  return `${groups.slice(0, 4).join(":")}::`
}

function tooMany(waitUntil: Date, now: Date): RequestError {
  const retryAfterSeconds = Math.max(1, Math.ceil((waitUntil.getTime() - now.getTime()) / 1000))
  return new RequestError("too_many_requests", "too many tries: wait before the next one", {
    details: { retryAfterSeconds },
  })
}
