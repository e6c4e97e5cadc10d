/**
 * Makes a new header for an age file: the same file key, wrapped for other recipients. The payload does not change,
 * since it is encrypted under a key that is derived from the file key and the nonce before it.
 *
 * Implemented here because the library makes a header only together with a new file key. Source: the age specification,
 * "Header MAC" and "The X25519 recipient type" (C2SP, age.md).
 * @module
 */
import {
  createCipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto"
import { IntegrityError } from "@nightlight/core"
import { recipientOf } from "../keys/identity.ts"
import { recipientKey } from "../keys/recipient.ts"
import { splitAgeFile } from "./header-split.ts"
import { unpadded } from "./unpadded.ts"

const FILE_KEY_BYTES = 16
const KEY_BYTES = 32
const LABEL = "age-encryption.org/v1/X25519"
/** Every wrapped key has a key of its own, so the specification fixes the nonce. */
const NONCE = new Uint8Array(12)
const NO_MATCH = "no identity matched any of the file's recipients"

/**
 * Reads the file key from a header and wraps it again.
 *
 * @param header - Up to and including its last newline.
 * @param identities - `AGE-SECRET-KEY-1...`; one that the header is for is enough.
 * @param recipients - age X25519 public keys, at least one: only these open the file by the new header.
 * @throws {IntegrityError} `key_unusable` if no identity opens the header; `evidence_digest_mismatch` if it was
 *   altered.
 * @throws {RequestError} `key_malformed` if an identity or a recipient is malformed.
 */
export async function rewrapHeader(
  header: Uint8Array,
  identities: readonly string[],
  recipients: readonly string[],
): Promise<Uint8Array> {
  const fileKey = await openFileKey(header, identities)
  const stanzas = recipients.map((recipient) => stanzaFor(fileKey, recipientKey(recipient)))
  const unsigned = `age-encryption.org/v1\n${stanzas.join("")}---`
  const mac = createHmac("sha256", derive(fileKey, "", "header"))
    .update(unsigned)
    .digest()
  fileKey.fill(0)
  return new TextEncoder().encode(`${unsigned} ${unpadded(mac)}\n`)
}

/**
 * Gives a whole small age file a new header.
 *
 * @throws as {@link rewrapHeader}.
 */
export async function rewrapFile(
  file: Uint8Array,
  identities: readonly string[],
  recipients: readonly string[],
): Promise<Uint8Array> {
  const { header, payload } = await splitAgeFile(once(file))
  const parts: Uint8Array[] = [await rewrapHeader(header, identities, recipients)]
  for await (const part of payload) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}

async function openFileKey(header: Uint8Array, identities: readonly string[]): Promise<Uint8Array> {
  const { Decrypter } = await import("age-encryption")
  const decrypter = new Decrypter()
  for (const identity of identities) {
    await recipientOf(identity)
    decrypter.addIdentity(identity)
  }
  let fileKey: Uint8Array
  try {
    fileKey = await decrypter.decryptHeader(header)
  } catch (error) {
    if (error instanceof Error && error.message === NO_MATCH) {
      throw new IntegrityError("key_unusable", "none of the keys opens this evidence", {
        details: { fault: "not_openable" },
      })
    }
    throw damaged()
  }
  if (fileKey.length !== FILE_KEY_BYTES) throw damaged()
  return fileKey
}

/** Wraps the file key for one recipient, under a key agreed with an ephemeral one. */
function stanzaFor(fileKey: Uint8Array, recipient: Uint8Array): string {
  const { publicKey, privateKey } = generateKeyPairSync("x25519")
  const share = rawKey(publicKey)
  const shared = diffieHellman({ privateKey, publicKey: toPublicKey(recipient) })
  const cipher = createCipheriv("chacha20-poly1305", derive(shared, Buffer.concat([share, recipient]), LABEL), NONCE, {
    authTagLength: 16,
  })
  const body = unpadded(Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]))
  // 32 bytes are 43 characters: one line, shorter than a full one of 64, which ends the body.
  return `-> X25519 ${unpadded(share)}\n${body}\n`
}

function derive(key: Uint8Array, salt: Uint8Array | string, label: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, salt, label, KEY_BYTES))
}

function rawKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url")
}

function toPublicKey(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString("base64url")
  return createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" })
}

function damaged(): IntegrityError {
  return new IntegrityError("evidence_digest_mismatch", "sealed evidence is damaged", {
    details: { fault: "ciphertext_damaged" },
  })
}
