/**
 * Small secrets that stand in rows: the authenticator's secret of a person, a sign-in half done. Sealed under a key made
 * from the installation's, for one purpose and one subject each.
 * @module
 */
import { hkdfSync } from "node:crypto"
import { IntegrityError } from "@nightlight/core"
import { decrypt, encrypt } from "./aes-gcm.ts"

/** Seals secrets. */
export interface SecretSealer {
  /** Encrypts bytes for one purpose and one subject, such as `totp` and a person's id. */
  seal(purpose: string, subject: string, secret: Uint8Array): Buffer
  /**
   * Decrypts what {@link seal} made for the same purpose and subject.
   *
   * @throws {IntegrityError} `key_unusable` if it was sealed for another, or altered.
   */
  open(purpose: string, subject: string, sealed: Uint8Array): Buffer
}

const KEY_BYTES = 32

/**
 * Makes the sealer of an installation.
 *
 * @param installationKey - The context key's 32 bytes. A key of its own is made from it (HKDF-SHA-256), so nothing that
 *   is sealed here opens as context, or the other way round.
 */
export function openSecretSealer(installationKey: Uint8Array): SecretSealer {
  if (installationKey.length !== KEY_BYTES) throw new IntegrityError("key_unusable", "the context key is not 32 bytes")
  const key = new Uint8Array(hkdfSync("sha256", installationKey, "", "nightlight-secrets/1", KEY_BYTES))
  return {
    seal: (purpose, subject, secret) => encrypt(key, aad(purpose, subject), secret),
    open: (purpose, subject, sealed) => decrypt(key, aad(purpose, subject), sealed),
  }
}

function aad(purpose: string, subject: string): Buffer {
  return Buffer.from(JSON.stringify([purpose, subject]))
}
