/**
 * WebAuthn in the browser: makes a passkey and signs with one, verifying the person each time.
 * @module
 */
import { CallError } from "../api/problem.ts"

/** A new passkey, as the browser answered. */
export interface MadePasskey {
  /** Base64url. */
  readonly credentialId: string
  /** Uncompressed P-256 point, base64url. */
  readonly publicKey: string
  readonly authenticatorData: string
  readonly clientData: string
}

/** A signature by a passkey, as the browser answered; all members in base64url. */
export interface PasskeyAnswer {
  readonly credentialId: string
  readonly authenticatorData: string
  readonly clientData: string
  readonly signature: string
}

const ES256 = -7
const POINT_BYTES = 65
const TIMEOUT_MS = 120_000

/** Whether this device verifies people by fingerprint, face or PIN. If it does not, a security key still may. */
export async function verifiesPeople(): Promise<boolean> {
  if (!("PublicKeyCredential" in globalThis)) return false
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false)
}

/**
 * Makes a passkey.
 *
 * @param userId - At most 64 bytes; replaces a passkey with the same user id on the same authenticator.
 * @param isDiscoverable - Whether it can be found without its id, as sign-in needs.
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
  const made = await getCredential(() =>
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
 * Signs a challenge with a passkey.
 *
 * @param credentialIds - Passkeys to choose from; if empty, the person chooses among those on the authenticator.
 * @throws {CallError} `passkey_...`, in words under `common.errors`.
 */
export async function askPasskey(options: {
  readonly rpId: string
  readonly challenge: Uint8Array<ArrayBuffer>
  readonly credentialIds: readonly string[]
}): Promise<PasskeyAnswer> {
  const { rpId, challenge, credentialIds } = options
  const { fromBase64Url, toBase64Url } = await import("@nightlight/contract/custodian")
  const given = await getCredential(() =>
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

/**
 * Browsers report a refusal, a timeout and a missing passkey as the same error, so that pages cannot tell them apart.
 */
const CODES: Readonly<Record<string, string>> = {
  NotAllowedError: "passkey_cancelled",
  AbortError: "passkey_cancelled",
  InvalidStateError: "passkey_there_already",
  SecurityError: "passkey_other_host",
}

async function getCredential(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
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
