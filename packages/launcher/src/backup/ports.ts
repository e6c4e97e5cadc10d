/**
 * What a backup needs of others: the keys that sign and seal it, and the schema that its database must have.
 * @module
 */
import type { Signer, Verifier } from "@nightlight/core"
import type { PoolConfig } from "pg"

/** What a backup is signed with. */
export interface BackupSigner {
  readonly signer: Signer
  /** 32 bytes, base64url. */
  readonly publicKey: string
}

/** Whose backups are believed. */
export interface BackupTrust {
  /** The verifier of a key (32 bytes, base64url) that a backup names; `undefined` unless it is the trusted one. */
  verifierOf(publicKey: string): Verifier | undefined
}

/** Encrypts a stream, as an age file, to X25519 public keys (`age1...`). */
export type Seal = (plaintext: AsyncIterable<Uint8Array>, recipients: readonly string[]) => AsyncIterable<Uint8Array>

/** Decrypts an age file as a stream; the caller holds the key. */
export type Unseal = (ciphertext: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** The schema of the installation's database, which the server's code owns. */
export interface Schema {
  /** The migrations of this version, in order, each with its file's SHA-256. */
  migrations(): Promise<readonly { readonly name: string; readonly sha256: string }[]>
  /** Brings a database to a version: to that of the first `count` migrations, or this program's. */
  migrate(access: { readonly app: PoolConfig; readonly owner: PoolConfig }, count?: number): Promise<void>
}
