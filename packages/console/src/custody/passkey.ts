/**
 * The browser's passkeys: making one, and having one sign, each with its own verification of the person.
 * @module
 */
import { CallError } from "../api/problem.ts"

/** A passkey that was made. */
export interface MadePasskey {
  /** Base64url. */
  readonly credentialId: string
  /** Uncompressed P-256 point, base64url. */
  readonly publicKey: string
  readonly authenticatorData: string
  readonly clientData: string
}

/** What a passkey signed. */
export interface PasskeyAnswer {
  readonly credentialId: string
  readonly authenticatorData: string
  readonly clientData: string
  readonly signature: string
}

const ES256 = -7
const POINT_BYTES = 65
const TIMEOUT_MS = 120_000

/** Whether this device verifies people itself, by fingerprint, face or PIN; a security key may do so where it does not. */
export async function verifiesPeople(): Promise<boolean> {
  if (!("PublicKeyCredential" in globalThis)) return false
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false)
}

/**
 * Makes a passkey.
 *
 * @param userId - At most 64 bytes; another one of the same id on the same authenticator is replaced.
 * @param isDiscoverable - Whether it is found without its id: to sign in with.
 * @throws {CallError} `passkey_...`, in words under `common.errors`.
 */
export async function makePasskey(options: {
  readonly rpId: string
  readonly challenge: Uint8Array<ArrayBuffer>
  readonly userId: Uint8Array<ArrayBuffer>
  readonly name: string
  readonly isDiscoverable: boolean
  readonly without?: readonly string[]
}): Promise<MadePasskey> {
  const { rpId, challenge, userId, name, isDiscoverable, without = [] } = options
  const { fromBase64Url, toBase64Url } = await import("@nightlight/contract/custodian")
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge,
        rp: { id: rpId, name: "Nightlight" },
        user: { id: userId, name, displayName: name },
        pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
        excludeCredentials: without.map((id) => ({ type: "public-key", id: fromBase64Url(id) })),
        authenticatorSelection: {
          userVerification: "required",
          residentKey: isDiscoverable ? "required" : "discouraged",
          requireResidentKey: isDiscoverable,
        },
        attestation: "none",
        timeout: TIMEOUT_MS,
      },
    }),
  )
  const response = made.response as AuthenticatorAttestationResponse
  const spki = response.getPublicKey()
  if (spki === null || response.getPublicKeyAlgorithm() !== ES256) throw unsupported()
  return {
    credentialId: toBase64Url(new Uint8Array(made.rawId)),
    publicKey: toBase64Url(new Uint8Array(spki).slice(-POINT_BYTES)),
    authenticatorData: toBase64Url(new Uint8Array(response.getAuthenticatorData())),
    clientData: toBase64Url(new Uint8Array(response.clientDataJSON)),
  }
}

/**
 * Has a passkey sign.
 *
 * @param credentialIds - Which may; none: the person chooses among those that the authenticator knows for the host.
 * @throws {CallError} `passkey_...`, in words under `common.errors`.
 */
export async function askPasskey(options: {
  readonly rpId: string
  readonly challenge: Uint8Array<ArrayBuffer>
  readonly credentialIds: readonly string[]
}): Promise<PasskeyAnswer> {
  const { rpId, challenge, credentialIds } = options
  const { fromBase64Url, toBase64Url } = await import("@nightlight/contract/custodian")
  const given = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        rpId,
        allowCredentials: credentialIds.map((id) => ({ type: "public-key", id: fromBase64Url(id) })),
        userVerification: "required",
        timeout: TIMEOUT_MS,
      },
    }),
  )
  const response = given.response as AuthenticatorAssertionResponse
  return {
    credentialId: toBase64Url(new Uint8Array(given.rawId)),
    authenticatorData: toBase64Url(new Uint8Array(response.authenticatorData)),
    clientData: toBase64Url(new Uint8Array(response.clientDataJSON)),
    signature: toBase64Url(new Uint8Array(response.signature)),
  }
}

/** Browsers answer a person's no, a time that ran out and a missing passkey alike, so that a page learns nothing. */
const CODES: Readonly<Record<string, string>> = {
  NotAllowedError: "passkey_cancelled",
  AbortError: "passkey_cancelled",
  InvalidStateError: "passkey_there_already",
  SecurityError: "passkey_other_host",
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!("PublicKeyCredential" in globalThis)) throw unsupported()
  try {
    const credential = await ask()
    if (credential !== null) return credential as PublicKeyCredential
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ""
    throw new CallError(CODES[name] ?? "passkey_unsupported", "the passkey did not sign", 0)
  }
  throw unsupported()
}

function unsupported(): CallError {
  return new CallError("passkey_unsupported", "this browser or device has no passkey for this", 0)
}
