/**
 * age's passphrase recipient on Node's own scrypt, off the main thread and several times as fast as one in JavaScript.
 *
 * Source: the age specification, "The scrypt recipient type" (C2SP, age.md).
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from "node:crypto"
import { promisify } from "node:util"
import type { Identity, Recipient } from "age-encryption"
import { unpadded } from "../age/unpadded.ts"

const LABEL = "age-encryption.org/v1/scrypt"
const SALT_BYTES = 16
const TAG_BYTES = 16
/** Every wrapped key has a key of its own, so the specification fixes the nonce. */
const NONCE = new Uint8Array(12)
/** A file that asks for more work than this is refused: it would only waste time. */
const MAX_LOG_N = 20

const deriveBytes = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)

/**
 * Seals to a passphrase.
 *
 * @param logN - Base-2 logarithm of scrypt's work factor.
 */
export function passphraseRecipient(passphrase: string, logN: number): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(SALT_BYTES)
      const cipher = createCipheriv("chacha20-poly1305", await derive(passphrase, salt, logN), NONCE, {
        authTagLength: TAG_BYTES,
      })
      const { Stanza } = await import("age-encryption")
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
      return [new Stanza(["scrypt", unpadded(salt), String(logN)], new Uint8Array(body))]
    },
  }
}

/** Opens what is sealed to a passphrase; `null` from `unwrapFileKey` means that it is not this one. */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [stanza] = stanzas
      if (stanza === undefined || stanzas.length !== 1 || stanza.args[0] !== "scrypt") return null
      const [, saltText = "", logNText = ""] = stanza.args
      const salt = Buffer.from(saltText, "base64")
      const logN = Number(logNText)
      const isWellFormed = unpadded(salt) === saltText && salt.length === SALT_BYTES && /^[1-9]\d?$/.test(logNText)
      if (!isWellFormed || logN > MAX_LOG_N || stanza.body.length <= TAG_BYTES) throw new Error("invalid scrypt stanza")
      const decipher = createDecipheriv("chacha20-poly1305", await derive(passphrase, salt, logN), NONCE, {
        authTagLength: TAG_BYTES,
      })
      decipher.setAuthTag(stanza.body.subarray(-TAG_BYTES))
      try {
        return new Uint8Array(Buffer.concat([decipher.update(stanza.body.subarray(0, -TAG_BYTES)), decipher.final()]))
      } catch {
        return null
      }
    },
  }
}

function derive(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const salted = Buffer.concat([Buffer.from(LABEL), salt])
  // scrypt needs 128 N r bytes, which Node must be told to allow.
  return deriveBytes(passphrase, salted, 32, { N: 2 ** logN, r: 8, p: 1, maxmem: 128 * 2 ** logN * 8 + 2 ** 20 })
}
