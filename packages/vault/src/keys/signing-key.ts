import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { hasCode, IntegrityError, RequestError, type Signer } from "@nightlight/core"
import { exists, writeFileAtomic, writeFileExclusive } from "@nightlight/durable"
import { readKeyFile } from "./key-file.ts"
import { keyIdOf } from "./verifying-key.ts"

const OTHERS = 0o077

/** Path of the public half of {@link createSigningKey}'s key at `path`. */
export function publicKeyPath(path: string): string {
  return `${path}.pub`
}

/**
 * Makes a workspace's Ed25519 signing key: PKCS #8 PEM at `path` (0600), SPKI PEM at {@link publicKeyPath}. The public
 * half is written first, so that a private one is never without it; an interrupted call can be repeated.
 *
 * @returns The key's id.
 * @throws {RequestError} `state_conflict` if there is a key already.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function createSigningKey(path: string): Promise<string> {
  if (await exists(path)) throw new RequestError("state_conflict", `there is already a signing key at ${path}`)
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  await writePublic(path, publicKey)
  await writeFileExclusive(path, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600).catch(
    async (error: unknown) => {
      // Another call was first, and ours overwrote its public half.
      if (hasCode(error, "state_conflict")) await writePublic(path, createPublicKey(await readKey(path)))
      throw error
    },
  )
  return keyIdOf(publicKey)
}

async function writePublic(path: string, key: KeyObject): Promise<void> {
  await writeFileAtomic(publicKeyPath(path), key.export({ type: "spki", format: "pem" }), 0o644)
}

/**
 * Opens a workspace's signing key.
 *
 * @param path - PEM file (PKCS #8, Ed25519) that only its owner may read.
 * @throws {IntegrityError} `key_unusable` if it is missing, not such a key, or open to others.
 */
export async function openSigner(path: string): Promise<Signer> {
  const key = await readKey(path)
  return { keyId: keyIdOf(createPublicKey(key)), sign: (bytes) => new Uint8Array(sign(null, bytes, key)) }
}

/**
 * A signing key, read from its file for each signature, since another process may rotate it meanwhile.
 *
 * @param path - As for {@link openSigner}, which has opened it before.
 * @returns Its members throw {@link IntegrityError} `key_unusable` if there is no such key any more.
 */
export function liveSigner(path: string): Signer {
  const read = (): KeyObject => {
    try {
      return createPrivateKey(readFileSync(path))
    } catch {
      throw new IntegrityError("key_unusable", "the signing key is missing or damaged")
    }
  }
  return {
    get keyId() {
      return keyIdOf(createPublicKey(read()))
    },
    sign: (bytes) => new Uint8Array(sign(null, bytes, read())),
  }
}

/**
 * The public half of a private key: SPKI PEM.
 *
 * @param privateKeyPem - PKCS #8, Ed25519.
 */
export function publicKeyOf(privateKeyPem: string): string {
  return createPublicKey(createPrivateKey(privateKeyPem)).export({ type: "spki", format: "pem" }).toString()
}

async function readKey(path: string): Promise<KeyObject> {
  const pem = await readKeyFile(path, OTHERS)
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === "ed25519") return key
  } catch {
    // Reported below.
  }
  throw new IntegrityError("key_unusable", "not an Ed25519 private key")
}
