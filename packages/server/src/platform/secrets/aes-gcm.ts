/**
 * AES-256-GCM with the installation's keys: 12 bytes random nonce, ciphertext, 16 bytes tag.
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { hasCode, IntegrityError } from "@nightlight/core"

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts under a key of 32 bytes: nonce, ciphertext, tag. `additional` is authenticated with it. */
export function encrypt(key: Uint8Array, additional: Buffer, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  cipher.setAAD(additional)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/**
 * Decrypts what {@link encrypt} made with one of several keys.
 *
 * @param keysNow - The keys, newest first; called again with `fresh` if none of them opens it.
 * @returns The plaintext, and whether the first key had made it.
 * @throws {IntegrityError} `key_unusable` if it was altered, or sealed with another key or for something else.
 */
export function decryptWithAny(
  keysNow: (fresh?: boolean) => readonly Uint8Array[],
  additional: Buffer,
  sealed: Uint8Array,
): { readonly plaintext: Buffer; readonly byFirst: boolean } {
  const keys = keysNow()
  const opened = tryEach(keys, additional, sealed)
  if (opened !== undefined) return opened
  const fresh = keysNow(true)
  const again = fresh === keys ? undefined : tryEach(fresh, additional, sealed)
  if (again !== undefined) return again
  throw new IntegrityError("key_unusable", "the sealed data was altered, or is for something else")
}

function tryEach(keys: readonly Uint8Array[], additional: Buffer, sealed: Uint8Array) {
  for (const [position, key] of keys.entries()) {
    try {
      return { plaintext: decrypt(key, additional, sealed), byFirst: position === 0 }
    } catch (error) {
      if (!hasCode(error, "key_unusable")) throw error
    }
  }
  return undefined
}

/**
 * Decrypts what {@link encrypt} made with the same key and additional data.
 *
 * @throws {IntegrityError} `key_unusable` if it was altered, or sealed with another key or for something else.
 */
export function decrypt(key: Uint8Array, additional: Buffer, sealed: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(additional)
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    throw new IntegrityError("key_unusable", "the sealed data was altered, or is for something else")
  }
}
