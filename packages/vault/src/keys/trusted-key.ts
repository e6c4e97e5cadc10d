/**
 * A signing key that a document names by its public half, trusted by that key itself or by its fingerprint, which fits
 * on a sheet of paper.
 * @module
 */
import { createPublicKey } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { hasCode, IntegrityError, RequestError, type Signer, type Verifier } from "@nightlight/core"
import { fingerprintOf, toWriteError } from "@nightlight/durable"
import { readKeyFile } from "./key-file.ts"
import { createSigningKey, openSigner, publicKeyPath } from "./signing-key.ts"
import { toVerifier } from "./verifying-key.ts"

/** A signer whose public half accompanies what it signs. */
export interface NamedSigner {
  readonly signer: Signer
  /** 32 bytes, base64url. */
  readonly publicKey: string
}

/** Whose signatures are believed. */
export interface TrustedKey {
  /**
   * The verifier of a key that a document names (32 bytes, base64url), if it is the trusted one.
   *
   * @returns `undefined` for another key.
   */
  verifierOf(publicKey: string): Verifier | undefined
}

const FINGERPRINT = /^[0-9a-f]{64}$/
const OTHERS_MAY_WRITE = 0o022

/**
 * Opens the signing key at a path, and makes it, with its folder, if missing.
 *
 * @throws {IntegrityError} `key_unusable`. {@link DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureSigningKey(path: string): Promise<NamedSigner> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toWriteError(error, "the folder of keys")
  })
  await createSigningKey(path).catch((error: unknown) => {
    if (!hasCode(error, "state_conflict")) throw error
  })
  const publicKey = rawOf(await readKeyFile(publicKeyPath(path), OTHERS_MAY_WRITE))
  return { signer: await openSigner(path), publicKey }
}

/**
 * Determines which key to trust.
 *
 * @param own - Path of the private half of the key that is trusted by default.
 * @param given - A public key's file (PEM), or a fingerprint.
 * @throws {IntegrityError} `key_unusable` if there is none, or it is malformed.
 */
export async function resolveTrustedKey(own: string, given: string | undefined): Promise<TrustedKey> {
  if (given !== undefined && FINGERPRINT.test(given)) return trusting((publicKey) => fingerprintOf(publicKey) === given)
  const path = given ?? publicKeyPath(own)
  const text = await readKeyFile(path, OTHERS_MAY_WRITE).catch((error: unknown) => {
    if (given !== undefined || !hasCode(error, "key_unusable")) throw error
    throw new IntegrityError("key_unusable", "the key that signed this is unknown here", {
      hint: "Name its public key, stored separately from what it signs, or its fingerprint: --trust FILE, --trust FINGERPRINT.",
    })
  })
  const known = rawOf(text)
  return trusting((publicKey) => publicKey === known)
}

function trusting(isTrusted: (publicKey: string) => boolean): TrustedKey {
  return {
    verifierOf(publicKey) {
      if (!isTrusted(publicKey)) return undefined
      const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" })
      return toVerifier(String(key.export({ type: "spki", format: "pem" })))
    },
  }
}

function rawOf(pem: string): string {
  // Reports what is wrong with a text that is not a key.
  toVerifier(pem)
  const { x } = createPublicKey(pem).export({ format: "jwk" })
  if (x === undefined) throw new RequestError("key_malformed", "not an Ed25519 public key")
  return x
}
