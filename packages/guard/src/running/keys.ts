/**
 * Who calls: the key that a call brings, looked up by its digest.
 * @module
 */
import { hash } from "node:crypto"
import type { Clock } from "@nightlight/core"
import type { Caller } from "../accounts/caller.ts"
import type { GuardKey } from "../accounts/guard-key.ts"
import { GuardRefusal } from "../errors.ts"

/** Whoever calls a guard that has no keys: not trusted with anything. */
export const ANYONE: Caller = { id: "anyone", trusted: false }

/** Finds the caller of a call. The look-up is by digest: how long it takes tells nothing of a key. */
export class Keys {
  readonly #byDigest: ReadonlyMap<string, GuardKey>
  readonly #clock: Clock

  constructor(keys: readonly GuardKey[], clock: Clock) {
    this.#byDigest = new Map(keys.map((key) => [key.sha256, key]))
    this.#clock = clock
  }

  /** @throws {GuardRefusal} `invalid_api_key`: the same for a key that is missing, unknown or expired. */
  callerOf(token: string | undefined): Caller {
    if (this.#byDigest.size === 0) return ANYONE
    const key = token === undefined ? undefined : this.#byDigest.get(hash("sha256", token, "hex"))
    const isExpired = key?.expires !== undefined && Date.parse(key.expires) <= this.#clock.now().getTime()
    if (key === undefined || isExpired) throw new GuardRefusal("invalid_api_key", "the key is missing or not valid")
    return { id: key.id, trusted: key.trusted }
  }
}
