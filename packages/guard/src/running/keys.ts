/**
 * The caller: found by the digest of the key that a call brings.
 * @module
 */
import { hash } from "node:crypto"
import type { Clock } from "@nightlight/core"
import type { Caller } from "../accounts/caller.ts"
import type { GuardKey } from "../accounts/guard-key.ts"
import { GuardRefusal } from "../errors.ts"

/** The caller of a guard without keys; it is not trusted. */
export const ANYONE: Caller = { id: "anyone", trusted: false }

/** Finds the caller of a call. The look-up is by digest, so its duration reveals nothing about a key. */
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
