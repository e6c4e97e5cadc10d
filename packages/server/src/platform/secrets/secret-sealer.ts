/**
 * Small secrets in rows, such as a person's authenticator secret or an unfinished sign-in. Sealed under a key derived
 * from the installation's, for one purpose and one subject each.
 * @module
 */
import { hkdfSync } from "node:crypto"
import { derived, type KeyRing, toKeyRing } from "../context-keys/key-ring.ts"
import { decryptWithAny, encrypt } from "./aes-gcm.ts"

/** Encrypts secrets of sign-in under a key that is not in the database. */
export interface SecretSealer {
  /** Encrypts bytes for one purpose and one subject, such as `totp` and a person's id. */
  seal(purpose: string, subject: string, secret: Uint8Array): Buffer
  /**
   * Decrypts what {@link seal} made for the same purpose and subject.
   *
   * @throws {IntegrityError} `key_unusable` if it was sealed for another, or altered.
   */
  open(purpose: string, subject: string, sealed: Uint8Array): Buffer
  /**
   * Seals the same secret again under the newest key.
   *
   * @returns `undefined` if it is under that key already.
   * @throws {IntegrityError} `key_unusable` as {@link open}.
   */
  reseal(purpose: string, subject: string, sealed: Uint8Array): Buffer | undefined
}

const KEY_BYTES = 32

/**
 * Makes the sealer of an installation.
 *
 * @param installationKeys - The context key's 32 bytes, or the ring of them. A separate key is derived from each
 *   (HKDF-SHA-256), so that nothing sealed here opens as context, or the other way round.
 */
export function openSecretSealer(installationKeys: Uint8Array | KeyRing): SecretSealer {
  const keysNow = derived(toKeyRing(installationKeys), ({ keys }) => keys.map(({ bytes }) => deriveKey(bytes)))
  const seal = (purpose: string, subject: string, secret: Uint8Array) =>
    encrypt(keysNow()[0] ?? new Uint8Array(0), aad(purpose, subject), secret)
  return {
    seal,
    open: (purpose, subject, sealed) => decryptWithAny(keysNow, aad(purpose, subject), sealed).plaintext,
    reseal: (purpose, subject, sealed) => {
      const { plaintext, byFirst } = decryptWithAny(keysNow, aad(purpose, subject), sealed)
      return byFirst ? undefined : seal(purpose, subject, plaintext)
    },
  }
}

function deriveKey(installationKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", installationKey, "", "nightlight-secrets/1", KEY_BYTES))
}

function aad(purpose: string, subject: string): Buffer {
  return Buffer.from(JSON.stringify([purpose, subject]))
}
