/**
 * Private keys that open evidence, and their encryption under a passphrase.
 *
 * A protected identity is what `age-keygen | age -p -a` makes, so that the recovery key opens evidence with the `age`
 * tool alone, without Nightlight.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { passphraseIdentity, passphraseRecipient } from "./passphrase-stanza.ts"

/** Loaded when a key is first made or opened: few commands do. */
const loadAge = () => import("age-encryption")

const IDENTITY = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/
const NO_MATCH = "no identity matched any of the file's recipients"

/** Base-2 logarithm of scrypt's work factor: about a second and 256 MiB. */
export const SCRYPT_WORK_FACTOR = 18

/** Makes a new X25519 identity, `AGE-SECRET-KEY-1...`. It is a secret: it opens everything sealed to its recipient. */
export async function generateIdentity(): Promise<string> {
  const { generateX25519Identity } = await loadAge()
  return generateX25519Identity()
}

/**
 * Returns the public half of an identity, `age1...`.
 *
 * @throws {RequestError} `key_malformed` if it is not an X25519 identity.
 */
export async function recipientOf(identity: string): Promise<string> {
  if (IDENTITY.test(identity)) {
    const { identityToRecipient } = await loadAge()
    const recipient = await identityToRecipient(identity).catch(() => undefined)
    if (recipient !== undefined) return recipient
  }
  throw new RequestError("key_malformed", "not an age X25519 identity")
}

/**
 * Encrypts an identity under a passphrase, with its public half in a comment.
 *
 * @param workFactor - Base-2 logarithm of scrypt's work factor, at most 20; {@link SCRYPT_WORK_FACTOR} by default.
 * @returns An armored age file, ASCII, ending in a newline.
 * @throws {RequestError} `key_malformed` if the identity is malformed; `passphrase_missing` if the passphrase is empty.
 */
export async function protectIdentity(
  identity: string,
  passphrase: string,
  { workFactor = SCRYPT_WORK_FACTOR }: { readonly workFactor?: number } = {},
): Promise<string> {
  const recipient = await recipientOf(identity)
  if (passphrase === "")
    throw new RequestError("passphrase_missing", "an identity cannot be stored without a passphrase")
  const { armor, Encrypter } = await loadAge()
  const encrypter = new Encrypter()
  encrypter.addRecipient(passphraseRecipient(passphrase, workFactor))
  return armor.encode(await encrypter.encrypt(`# public key: ${recipient}\n${identity}\n`))
}

/**
 * Decrypts what {@link protectIdentity}, or `age -p` over one X25519 identity, made.
 *
 * @returns The identity, `AGE-SECRET-KEY-1...`.
 * @throws {RequestError} `passphrase_wrong`; `key_malformed` if the text is not such a file, or is damaged.
 */
export async function unlockIdentity(armored: string, passphrase: string): Promise<string> {
  const text = await decrypt(armored, passphrase)
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"))
  const [identity] = lines
  if (identity === undefined || lines.length !== 1) throw malformed("does not hold exactly one identity")
  await recipientOf(identity)
  return identity
}

async function decrypt(armored: string, passphrase: string): Promise<string> {
  const { armor, Decrypter } = await loadAge()
  let file: Uint8Array
  try {
    file = armor.decode(armored)
  } catch {
    throw malformed("is not an armored age file")
  }
  if (!Buffer.from(file).subarray(0, 64).toString("latin1").startsWith("age-encryption.org/v1\n-> scrypt ")) {
    throw malformed("is not protected by a passphrase")
  }
  const decrypter = new Decrypter()
  decrypter.addIdentity(passphraseIdentity(passphrase))
  try {
    return await decrypter.decrypt(file, "text")
  } catch (error) {
    if (error instanceof Error && error.message === NO_MATCH) {
      throw new RequestError("passphrase_wrong", "the passphrase does not open this key")
    }
    throw malformed("is damaged")
  }
}

function malformed(problem: string): RequestError {
  return new RequestError("key_malformed", `the key file ${problem}`)
}
