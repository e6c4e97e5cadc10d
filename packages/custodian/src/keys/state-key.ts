import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto"

/** Use of a MAC: MACs of one use are invalid in another. */
export type StateKeyUse = "journal" | "enrolments"

/** Authenticates what the custodian stores, under keys that only its passphrase gives. */
export interface StateKeys {
  /** HMAC-SHA-256 under the present key, base64url. */
  authenticate(use: StateKeyUse, text: string): string
  /** Whether a MAC was made under the present key or an earlier one. */
  isAuthentic(use: StateKeyUse, text: string, code: unknown): boolean
}

const SALT = "nightlight-custodian-state/1"
const KEY_BYTES = 32

/**
 * Derives them from the unlocked private halves: somebody who can read and write the custodian's folder, but does not
 * know its passphrase, cannot make a MAC.
 *
 * @param identities - `AGE-SECRET-KEY-1...`, present one first.
 */
export function deriveStateKeys(identities: readonly string[]): StateKeys {
  const codesOf = (use: StateKeyUse, text: string, chosen: readonly string[]) =>
    chosen.map((identity) => {
      const key = new Uint8Array(hkdfSync("sha256", identity, SALT, use, KEY_BYTES))
      return createHmac("sha256", key).update(text).digest()
    })
  return {
    authenticate(use, text) {
      const [code] = codesOf(use, text, identities.slice(0, 1))
      if (code === undefined) throw new TypeError("expected an identity")
      return code.toString("base64url")
    },
    isAuthentic(use, text, code) {
      if (typeof code !== "string") return false
      const given = Buffer.from(code, "base64url")
      return codesOf(use, text, identities).some((made) => made.length === given.length && timingSafeEqual(made, given))
    },
  }
}
