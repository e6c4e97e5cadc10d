/**
 * A browser's data about a ceremony (WebAuthn Level 3, section 5.8.1).
 * @module
 */
import { timingSafeEqual } from "node:crypto"
import type { PasskeyFault, RelyingParty } from "./relying-party.ts"

const MAX_CLIENT_DATA_BYTES = 4096
/** Loopback's origin on any port: browsers use `localhost` for no other machine. */
const LOOPBACK = /^http:\/\/localhost(?::[0-9]{1,5})?$/

/**
 * Checks client data.
 *
 * @param type - `webauthn.get` for an assertion, `webauthn.create` for a registration.
 * @param challenge - The challenge of the ceremony.
 */
export function checkClientData(
  bytes: Uint8Array,
  type: "webauthn.get" | "webauthn.create",
  challenge: Uint8Array,
  party: RelyingParty,
): PasskeyFault | undefined {
  const said = readObject(bytes)
  if (said === undefined) return "malformed"
  if (said["type"] !== type) return "other-ceremony"
  if (!isChallenge(said["challenge"], challenge)) return "other-challenge"
  if (!isOrigin(said["origin"], party)) return "other-origin"
  // In a frame of another site a person cannot see which page asks.
  if ((said["crossOrigin"] ?? false) !== false || said["topOrigin"] !== undefined) return "other-origin"
  return undefined
}

/** Whether a page at this origin may use the party's passkeys. */
export function isOrigin(origin: unknown, { origins }: Pick<RelyingParty, "origins">): boolean {
  if (typeof origin !== "string") return false
  return origins.length === 0 ? LOOPBACK.test(origin) : origins.includes(origin)
}

function isChallenge(given: unknown, challenge: Uint8Array): boolean {
  if (typeof given !== "string") return false
  const bytes = Buffer.from(given, "base64url")
  return bytes.length === challenge.length && timingSafeEqual(bytes, challenge)
}

function readObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length === 0 || bytes.length > MAX_CLIENT_DATA_BYTES) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
