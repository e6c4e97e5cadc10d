/**
 * Authenticator codes: TOTP (RFC 6238), SHA-1, 6 digits, 30 seconds, which every authenticator supports.
 * @module
 */
import { randomBytes } from "node:crypto"
import { Secret, TOTP } from "otpauth"

const SECRET_BYTES = 20
const PERIOD_SECONDS = 30
/** A clock may be off by one step either way. */
const WINDOW = 1

/** Makes an authenticator's secret: 20 random bytes. */
export function newTotpSecret(): Uint8Array {
  return Uint8Array.from(randomBytes(SECRET_BYTES))
}

/** The URI that an authenticator scans. Contains the secret, so it is shown once. */
export function totpUri(secret: Uint8Array, email: string): string {
  return totpOf(secret, email).toString()
}

/**
 * Finds the step that a code belongs to.
 *
 * @returns Steps of 30 seconds since 1970; `undefined` if the code belongs to none within one step of `at`.
 */
export function stepOfCode(secret: Uint8Array, code: string, at: Date): number | undefined {
  const delta = totpOf(secret, "").validate({ token: code, timestamp: at.getTime(), window: WINDOW })
  return delta === null ? undefined : Math.floor(at.getTime() / 1000 / PERIOD_SECONDS) + delta
}

function totpOf(secret: Uint8Array, label: string): TOTP {
  const buffer = Uint8Array.from(secret).buffer
  return new TOTP({
    issuer: "Nightlight",
    label,
    algorithm: "SHA1",
    digits: 6,
    period: PERIOD_SECONDS,
    secret: new Secret({ buffer }),
  })
}
