/**
 * Verifies a passkey's signature (WebAuthn Level 3, section 7.2), only for ES256 and with user verification.
 * @module
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto"
import {
  FIXED_BYTES,
  HAS_CREDENTIAL,
  HAS_EXTENSIONS,
  isContradictory,
  isFor,
  isVerified,
  readAuthenticatorData,
} from "./authenticator-data.ts"
import { checkClientData } from "./client-data.ts"
import type { PasskeyFault, RelyingParty } from "./relying-party.ts"

/** An assertion, with the browser's bytes. */
export interface AssertionBytes {
  readonly authenticatorData: Uint8Array
  readonly clientData: Uint8Array
  /** ASN.1 DER. */
  readonly signature: Uint8Array
}

/** Requirements of an assertion. */
export interface AssertionRules {
  readonly party: RelyingParty
  /** The challenge that must have been signed. */
  readonly challenge: Uint8Array
  /** Uncompressed P-256 point, 65 bytes, base64url. */
  readonly publicKey: string
}

/** Result: the signature counter, or the reason why it is not accepted. */
export type CheckedAssertion = { readonly counter: number } | { readonly fault: PasskeyFault }

const POINT_BYTES = 65
const UNCOMPRESSED = 4

/** Verifies an assertion. The caller compares its counter with those it has seen. */
export function checkAssertion(
  given: AssertionBytes,
  { party, challenge, publicKey }: AssertionRules,
): CheckedAssertion {
  const clientFault = checkClientData(given.clientData, "webauthn.get", challenge, party)
  if (clientFault !== undefined) return { fault: clientFault }
  const data = readAuthenticatorData(given.authenticatorData)
  const key = readP256(publicKey)
  if (data === undefined || key === undefined) return { fault: "malformed" }
  // Without extensions, an assertion has nothing after its fixed part.
  if ((data.flags & (HAS_CREDENTIAL | HAS_EXTENSIONS)) !== 0) return { fault: "malformed" }
  if (given.authenticatorData.length !== FIXED_BYTES || isContradictory(data)) return { fault: "malformed" }
  if (!isFor(data, party.rpId)) return { fault: "other-rp-id" }
  const clientDataSha256 = createHash("sha256").update(given.clientData).digest()
  const signed = Buffer.concat([given.authenticatorData, clientDataSha256])
  if (!verify("sha256", signed, { key, dsaEncoding: "der" }, given.signature)) return { fault: "signature-wrong" }
  if (!isVerified(data)) return { fault: "not-verified" }
  return { counter: data.counter }
}

/** First 16 hexadecimal digits of the SHA-256 of a point's bytes (base64url): the key's id in the custodian's journal. */
export function keyIdOfPoint(point: string): string {
  return createHash("sha256").update(Buffer.from(point, "base64url")).digest("hex").slice(0, 16)
}

/**
 * Reads a P-256 public key.
 *
 * @param point - Uncompressed, 65 bytes, base64url.
 * @returns `undefined` if it is not a point of the curve.
 */
export function readP256(point: string): KeyObject | undefined {
  const bytes = Buffer.from(point, "base64url")
  if (bytes.length !== POINT_BYTES || bytes[0] !== UNCOMPRESSED) return undefined
  const x = bytes.subarray(1, 33).toString("base64url")
  const y = bytes.subarray(33).toString("base64url")
  try {
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" })
  } catch {
    return undefined
  }
}
