/**
 * What lies in a backup's folder: three plain files.
 *
 * `backup.json`, written last and signed, says which bytes the other two have. `contents.age` is the sealed list of what
 * was backed up. `data.age` holds the bytes of the listed files, one after another and nothing else, sealed too.
 * @module
 */
import { z } from "zod"

/** Name and version of the signed document. */
export const BACKUP_FORMAT = "nightlight-backup/2"

/** Names of the three files. */
export const BACKUP_FILES = { document: "backup.json", contents: "contents.age", data: "data.age" } as const

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const SealedFile = z.strictObject({ sizeBytes: z.int().nonnegative(), sha256: Sha256 })
/** A sealed file: its bytes as they lie on disk. */
export type SealedFile = z.infer<typeof SealedFile>

/** `backup.json`: anybody may read it, so it says nothing of what is inside. */
export const BackupDocument = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  /** `backup-<uuid>`. */
  id: z.string().regex(/^backup-[0-9a-f-]{36}$/),
  madeAt: z.iso.datetime(),
  /** Version of the program that made it. */
  program: z.string().max(40),
  /** PostgreSQL's major version: another one cannot read the files. */
  postgresMajor: z.int().positive(),
  /** The signing key's public half: 32 bytes, base64url. It proves nothing by itself. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** age X25519 public keys whose private halves open it. */
  recipients: z.array(z.string().max(80)).min(1).max(100),
  contents: SealedFile,
  data: SealedFile,
  keyId: z.string(),
  signature: z.string(),
})
export type BackupDocument = z.infer<typeof BackupDocument>

/** One file of the database or of the configuration. */
export const BackupFile = z.strictObject({
  /** Such as `cluster/base/1/1259`; which names there are, `paths.ts` says. */
  path: z.string().min(1).max(1024),
  sizeBytes: z.int().nonnegative(),
  sha256: Sha256,
})
export type BackupFile = z.infer<typeof BackupFile>

/** What `contents.age` holds: JSON. */
export const BackupContents = z.strictObject({
  /** Of the document that it belongs to. */
  id: z.string(),
  /** Number of the log's last event, and its hash. */
  events: z.int().nonnegative(),
  lastHash: z.string(),
  /** The sealed evidence that lay beside the database; it is not in the backup. */
  evidence: z.strictObject({ files: z.int().nonnegative(), bytes: z.int().nonnegative() }),
  /** In the order of their bytes in `data.age`. */
  files: z.array(BackupFile),
})
export type BackupContents = z.infer<typeof BackupContents>

/** What is known of a backup once it was made or opened. */
export interface BackupManifest extends Omit<BackupContents, "files"> {
  readonly madeAt: string
  readonly program: string
  readonly postgresMajor: number
  /** SHA-256 of the signing key's public half, 64 hexadecimal digits. */
  readonly fingerprint: string
  readonly files: readonly BackupFile[]
}
