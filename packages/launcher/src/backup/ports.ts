/**
 * Ports of backups: the keys that sign and seal them, and the schema of their database.
 * @module
 */
import type { Signer, Verifier } from "@nightlight/core"
import type { PoolConfig } from "pg"

/** The key that signs a backup. */
export interface BackupSigner {
  readonly signer: Signer
  /** 32 bytes, base64url. */
  readonly publicKey: string
}

/** The key whose backups are trusted. */
export interface BackupTrust {
  /**
   * Returns the verifier for the public key (32 bytes, base64url) named by a backup; `undefined` unless it is the
   * trusted one.
   */
  verifierOf(publicKey: string): Verifier | undefined
}

/** Encrypts a stream, as an age file, to X25519 public keys (`age1...`). */
export type Seal = (plaintext: AsyncIterable<Uint8Array>, recipients: readonly string[]) => AsyncIterable<Uint8Array>

/** Decrypts an age file as a stream, with a key that the caller bound. */
export type Unseal = (ciphertext: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** The schema of the installation's database, which the server package defines. */
export interface Schema {
  /** The migrations of this version, in order, each with its file's SHA-256. */
  migrations(): Promise<readonly { readonly name: string; readonly sha256: string }[]>
  /** Migrates a database: by the first `count` migrations, or by all. */
  migrate(access: { readonly app: PoolConfig; readonly owner: PoolConfig }, count?: number): Promise<void>
}
