/**
 * Puts a backup's database into a data folder. What lay there is moved aside, never removed.
 * @module
 */
import { access, mkdir, readFile, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type Clock, IntegrityError, RequestError } from "@nightlight/core"
import { ensureDirPrivate, syncDir, toWriteError } from "@nightlight/vault/durable"
import { copyDigested } from "./copy-files.ts"
import { type BackupFile, BackupManifest } from "./format.ts"

/** What {@link restoreBackup} takes. */
export interface RestoreOptions {
  readonly fromDir: string
  readonly dataDir: string
  readonly clock: Clock
}

/** What was done. */
export interface Restored {
  readonly manifest: BackupManifest
  /** Where the database lies that was there before. */
  readonly movedTo: string | undefined
}

/** Folders that a server asks for, though they are empty in a backup. */
const EMPTY_FOLDERS = [
  ...["pg_wal/archive_status", "pg_wal/summaries", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial"],
  ...["pg_snapshots", "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_commit_ts"],
  ...["pg_logical/snapshots", "pg_logical/mappings", "pg_multixact/members", "pg_multixact/offsets", "pg_xact"],
]

/**
 * Restores the database's files, each checked against the backup's digests. The caller holds the data folder: nothing
 * runs there. Whoever starts it next pauses filing first.
 *
 * @throws {RequestError} `not_found` if the folder holds no whole backup.
 * @throws {IntegrityError} `receipt_untrusted` if a file is not what the backup says; the data folder is unchanged then.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function restoreBackup({ fromDir, dataDir, clock }: RestoreOptions): Promise<Restored> {
  const manifest = await readManifest(fromDir)
  const postgres = join(dataDir, "postgres")
  const stamp = clock.now().toISOString().replaceAll(":", "-")
  const made = join(dataDir, `restoring-${stamp}`)
  try {
    await copyAll(fromDir, made, manifest.files)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    throw error
  }
  const movedTo = (await exists(postgres)) ? join(dataDir, `postgres-before-${stamp}`) : undefined
  try {
    if (movedTo !== undefined) await rename(postgres, movedTo)
    await rename(made, postgres)
    await syncDir(dirname(postgres))
  } catch (error) {
    throw toWriteError(error, "the database's folder")
  }
  return { manifest, movedTo }
}

async function copyAll(fromDir: string, made: string, files: readonly BackupFile[]): Promise<void> {
  await ensureDirPrivate(made)
  for (const file of files) {
    const target = targetOf(file)
    if (target !== undefined) await copyChecked(fromDir, made, file, target)
  }
  for (const folder of EMPTY_FOLDERS) await mkdir(join(made, "cluster", folder), { recursive: true, mode: 0o700 })
}

/** Configurations stay as they are in the data folder: theirs in the backup are for a machine that lost them. */
function targetOf({ path }: BackupFile): string | undefined {
  return path === "roles.json" || path.startsWith("cluster/") ? path : undefined
}

async function copyChecked(fromDir: string, toDir: string, file: BackupFile, target: string): Promise<void> {
  const copied = await copyDigested(join(fromDir, file.path), toDir, target)
  if (copied?.sha256 !== file.sha256) {
    throw new IntegrityError("receipt_untrusted", "a file of the backup is missing or not what the backup says", {
      hint: "Take another backup. Nothing was changed.",
    })
  }
}

async function readManifest(dir: string): Promise<BackupManifest> {
  const text = await readFile(join(dir, "backup.json"), "utf8").catch(() => {
    throw new RequestError("not_found", "there is no whole backup in this folder")
  })
  const parsed = BackupManifest.safeParse(parse(text))
  if (!parsed.success) throw new IntegrityError("receipt_untrusted", "the backup's own list is damaged")
  return parsed.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
