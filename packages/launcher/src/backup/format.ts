/**
 * A backup's folder: three plain files.
 *
 * `backup.json`, written last and signed, holds the digests of the other two. `contents.age` is the sealed list of
 * backed-up files. `data.age` holds the bytes of the listed files, concatenated and sealed.
 * @module
 */
import { z } from "zod"

/** Name and version of the signed document. */
export const BACKUP_FORMAT = "nightlight-backup/2"

/** Names of the three files. */
export const BACKUP_FILES = { document: "backup.json", contents: "contents.age", data: "data.age" } as const

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const SealedFile = z.strictObject({ sizeBytes: z.int().nonnegative(), sha256: Sha256 })
/** Size and digest of a sealed file's bytes on disk. */
export type SealedFile = z.infer<typeof SealedFile>

/** `backup.json`. Anybody may read it, so it reveals nothing about the contents. */
export const BackupDocument = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  /** `backup-<uuid>`. */
  id: z.string().regex(/^backup-[0-9a-f-]{36}$/),
  madeAt: z.iso.datetime(),
  /** Version of the program that made it. */
  program: z.string().max(40),
  /** PostgreSQL's major version: another one cannot read the files. */
  postgresMajor: z.int().positive(),
  /** The signer's public key: 32 bytes, base64url. It proves nothing unless it is the trusted one. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** age X25519 public keys to which it is sealed. */
  recipients: z.array(z.string().max(80)).min(1).max(100),
  contents: SealedFile,
  data: SealedFile,
  keyId: z.string(),
  signature: z.string(),
})
export type BackupDocument = z.infer<typeof BackupDocument>

/** One file of the database or of the configuration. */
export const BackupFile = z.strictObject({
  /** Such as `cluster/base/1/1259`; `paths.ts` says which names are allowed. */
  path: z.string().min(1).max(1024),
  sizeBytes: z.int().nonnegative(),
  sha256: Sha256,
})
export type BackupFile = z.infer<typeof BackupFile>

/** `contents.age`, JSON. */
export const BackupContents = z.strictObject({
  /** Id of the backup's document. */
  id: z.string(),
  /** Number of the log's last event, and its hash. */
  events: z.int().nonnegative(),
  lastHash: z.string(),
  /** Totals of the sealed evidence beside the database, which is not in the backup. */
  evidence: z.strictObject({ files: z.int().nonnegative(), bytes: z.int().nonnegative() }),
  /** In the order of their bytes in `data.age`. */
  files: z.array(BackupFile),
})
export type BackupContents = z.infer<typeof BackupContents>

/** Facts about a backup that was made or opened. */
export interface BackupManifest extends Omit<BackupContents, "files"> {
  readonly madeAt: string
  readonly program: string
  readonly postgresMajor: number
  /** SHA-256 of the signer's public key, 64 hexadecimal digits. */
  readonly fingerprint: string
  readonly files: readonly BackupFile[]
}
