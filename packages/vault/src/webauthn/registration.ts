/**
 * Reads a browser's answer when a passkey was made (WebAuthn Level 3, section 7.1), for ES256, with user verification
 * and without attestation, so that the authenticator's make is unknown.
 * @module
 */
import { readP256 } from "./assertion.ts"
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

/** A registration, with the browser's bytes. */
export interface RegistrationBytes {
  readonly authenticatorData: Uint8Array
  readonly clientData: Uint8Array
}

/** A new passkey. */
export interface RegisteredPasskey {
  /** Base64url. */
  readonly credentialId: string
  /** Uncompressed P-256 point, 65 bytes, base64url. */
  readonly publicKey: string
  readonly counter: number
}

const AAGUID_BYTES = 16
const MIN_ID_BYTES = 12
const MAX_ID_BYTES = 1023
const COORDINATE_BYTES = 32
/** COSE key (RFC 9052) of ES256 as CTAP2 writes it: kty EC2, alg -7, crv P-256, then x and y of 32 bytes each. */
const COSE_HEAD = Buffer.from("a5010203262001215820", "hex")
const COSE_Y = Buffer.from("225820", "hex")

/** Reads a registration. */
export function readRegistration(
  given: RegistrationBytes,
  { party, challenge }: { readonly party: RelyingParty; readonly challenge: Uint8Array },
): RegisteredPasskey | { readonly fault: PasskeyFault } {
  const clientFault = checkClientData(given.clientData, "webauthn.create", challenge, party)
  if (clientFault !== undefined) return { fault: clientFault }
  const data = readAuthenticatorData(given.authenticatorData)
  if (data === undefined || isContradictory(data)) return { fault: "malformed" }
  if ((data.flags & HAS_CREDENTIAL) === 0 || (data.flags & HAS_EXTENSIONS) !== 0) return { fault: "malformed" }
  if (!isFor(data, party.rpId)) return { fault: "other-rp-id" }
  if (!isVerified(data)) return { fault: "not-verified" }
  const credential = readCredential(Buffer.from(given.authenticatorData).subarray(FIXED_BYTES))
  return credential === undefined ? { fault: "malformed" } : { ...credential, counter: data.counter }
}

function readCredential(bytes: Buffer): { readonly credentialId: string; readonly publicKey: string } | undefined {
  if (bytes.length < AAGUID_BYTES + 2) return undefined
  const idBytes = bytes.readUInt16BE(AAGUID_BYTES)
  if (idBytes < MIN_ID_BYTES || idBytes > MAX_ID_BYTES) return undefined
  const id = bytes.subarray(AAGUID_BYTES + 2, AAGUID_BYTES + 2 + idBytes)
  const point = readCosePoint(bytes.subarray(AAGUID_BYTES + 2 + idBytes))
  if (id.length !== idBytes || point === undefined || readP256(point) === undefined) return undefined
  return { credentialId: id.toString("base64url"), publicKey: point }
}

function readCosePoint(bytes: Buffer): string | undefined {
  const yAt = COSE_HEAD.length + COORDINATE_BYTES
  if (bytes.length !== yAt + COSE_Y.length + COORDINATE_BYTES) return undefined
  if (!bytes.subarray(0, COSE_HEAD.length).equals(COSE_HEAD)) return undefined
  if (!bytes.subarray(yAt, yAt + COSE_Y.length).equals(COSE_Y)) return undefined
  const x = bytes.subarray(COSE_HEAD.length, yAt)
  return Buffer.concat([Buffer.from([4]), x, bytes.subarray(yAt + COSE_Y.length)]).toString("base64url")
}
