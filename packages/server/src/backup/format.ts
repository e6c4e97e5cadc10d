/**
 * What lies in a backup's folder: `cluster/` (PostgreSQL's files with the log they need), `roles.json`, `config/`,
 * `evidence.ndjson` (a list, not the sealed files) and, written last, `backup.json`.
 * @module
 */
import { z } from "zod"

/** Name and version of the form. */
export const BACKUP_FORMAT = "nightlight-backup/1"

/** One file of a backup. */
export const BackupFile = z.strictObject({
  /** Relative to the backup's folder. */
  path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\x20-\x7e]{1,1024}$/),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type BackupFile = z.infer<typeof BackupFile>

/** `backup.json`: says that the backup is whole, and of what. */
export const BackupManifest = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  /** `backup-<uuid>`. */
  id: z.string().regex(/^backup-[0-9a-f-]{36}$/),
  madeAt: z.iso.datetime(),
  /** PostgreSQL's major version: another one cannot read the files. */
  postgresMajor: z.int().positive(),
  /** Number of the log's last event, and its hash. */
  events: z.int().nonnegative(),
  lastHash: z.string(),
  evidence: z.strictObject({ files: z.int().nonnegative(), bytes: z.int().nonnegative() }),
  files: z.array(BackupFile),
})
export type BackupManifest = z.infer<typeof BackupManifest>
