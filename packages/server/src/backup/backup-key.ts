/**
 * The key that signs backups. It lies with the installation's keys and is in no backup: whoever may write to a folder of
 * backups cannot make one.
 * @module
 */
import { createHash, createPublicKey } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { hasCode, IntegrityError, RequestError, type Signer, type Verifier } from "@nightlight/core"
import { toWriteError } from "@nightlight/durable"
import { createSigningKey, openSigner, publicKeyPath, readKeyFile, toVerifier } from "@nightlight/vault"

/** What a backup is signed with. */
export interface BackupSigner {
  readonly signer: Signer
  /** 32 bytes, base64url. */
  readonly publicKey: string
}

/** Path of the private half in a data folder; the public half lies beside it. */
export function backupKeyPath(dataDir: string): string {
  return join(dataDir, "keys", "backup.pem")
}

/**
 * Opens the key of a data folder, and makes it where there is none.
 *
 * @throws {IntegrityError} `key_unusable`. {@link DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureBackupKey(dataDir: string): Promise<BackupSigner> {
  const path = backupKeyPath(dataDir)
  await mkdir(join(dataDir, "keys"), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toWriteError(error, "the folder of keys")
  })
  await createSigningKey(path).catch((error: unknown) => {
    if (!hasCode(error, "state_conflict")) throw error
  })
  const publicKey = rawOf(await readKeyFile(publicKeyPath(path), OTHERS_MAY_WRITE))
  return { signer: await openSigner(path), publicKey }
}

const OTHERS_MAY_WRITE = 0o022

/** Whose backups are restored: the key itself, or what it digests to. */
export type Trust =
  | { readonly kind: "key"; readonly publicKey: string }
  | { readonly kind: "fingerprint"; readonly fingerprint: string }

const FINGERPRINT = /^[0-9a-f]{64}$/

/**
 * Finds out whose backups are to be trusted.
 *
 * @param given - A public key's file (PEM), or 64 hexadecimal digits that a backup printed; the installation's own key
 *   unless given.
 * @throws {IntegrityError} `key_unusable` if there is none, or it is no such key.
 */
export async function resolveTrust(dataDir: string, given: string | undefined): Promise<Trust> {
  if (given !== undefined && FINGERPRINT.test(given)) return { kind: "fingerprint", fingerprint: given }
  const path = given ?? publicKeyPath(backupKeyPath(dataDir))
  const text = await readKeyFile(path, OTHERS_MAY_WRITE).catch((error: unknown) => {
    if (given !== undefined || !hasCode(error, "key_unusable")) throw error
    throw new IntegrityError("key_unusable", "the key that signed the backup is not known here", {
      hint: "Name its public key, kept apart from backups, or its fingerprint: --trust FILE, --trust FINGERPRINT.",
    })
  })
  return { kind: "key", publicKey: rawOf(text) }
}

/**
 * The verifier of a key that a backup names, if it is the trusted one.
 *
 * @param publicKey - 32 bytes, base64url, as the backup says.
 * @returns `undefined` for another key.
 */
export function verifierOf(publicKey: string, trust: Trust): Verifier | undefined {
  const isTrusted =
    trust.kind === "key" ? trust.publicKey === publicKey : trust.fingerprint === fingerprintOf(publicKey)
  if (!isTrusted) return undefined
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" })
  return toVerifier(String(key.export({ type: "spki", format: "pem" })))
}

/** SHA-256 of a key's 32 bytes, 64 hexadecimal digits. */
export function fingerprintOf(publicKey: string): string {
  return createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex")
}

function rawOf(pem: string): string {
  // Says what is wrong with a text that is no such key.
  toVerifier(pem)
  const { x } = createPublicKey(pem).export({ format: "jwk" })
  if (x === undefined) throw new RequestError("key_malformed", "not an Ed25519 public key")
  return x
}
