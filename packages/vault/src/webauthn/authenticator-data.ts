/**
 * An authenticator's data about a ceremony (WebAuthn Level 3, section 6.1).
 * @module
 */
import { createHash } from "node:crypto"

/** Length of the part that is always present: digest of the rp id, flags, counter. */
export const FIXED_BYTES = 37

const PRESENT = 0x01
const VERIFIED = 0x04
const MAY_BE_COPIED = 0x08
const IS_COPIED = 0x10
/** A credential follows: only in a registration. */
export const HAS_CREDENTIAL = 0x40
/** Extensions follow. Nightlight requests none. */
export const HAS_EXTENSIONS = 0x80

/** The fixed part. */
export interface AuthenticatorData {
  readonly flags: number
  /** Rises with each signature; 0 for an authenticator that does not count. */
  readonly counter: number
  readonly rpIdSha256: Buffer
}

/** Reads the fixed part; `undefined` if it is too short. */
export function readAuthenticatorData(bytes: Uint8Array): AuthenticatorData | undefined {
  if (bytes.length < FIXED_BYTES) return undefined
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return { rpIdSha256: data.subarray(0, 32), flags: data.readUInt8(32), counter: data.readUInt32BE(33) }
}

/** Whether it is for this host. */
export function isFor({ rpIdSha256 }: AuthenticatorData, rpId: string): boolean {
  return createHash("sha256").update(rpId).digest().equals(rpIdSha256)
}

/** Whether somebody touched the authenticator, which verified them. */
export function isVerified({ flags }: AuthenticatorData): boolean {
  return (flags & PRESENT) !== 0 && (flags & VERIFIED) !== 0
}

/** Whether its flags contradict each other: a backup of a credential that cannot be backed up. */
export function isContradictory({ flags }: AuthenticatorData): boolean {
  return (flags & IS_COPIED) !== 0 && (flags & MAY_BE_COPIED) === 0
}
