/**
 * Restores a backup's database into a data folder. What lay there is moved aside, never removed.
 * @module
 */
import { rm } from "node:fs/promises"
import type { Clock } from "@nightlight/core"
import type { PoolConfig } from "pg"
import { launch } from "../postgres/launch.ts"
import type { BackupManifest } from "./format.ts"
import { openDatabase } from "./open-database.ts"
import type { BackupTrust, Schema, Unseal } from "./ports.ts"
import { readBackup } from "./read-backup.ts"
import { finishSwap, swapIn } from "./restore-swap.ts"
import { removeUnfinishedRestores, restoreWorkDir } from "./scratch.ts"

/** What {@link restoreBackup} takes. */
export interface RestoreOptions {
  readonly fromDir: string
  readonly dataDir: string
  /** Whose backups are believed. */
  readonly trust: BackupTrust
  /** Opens what was sealed to the recovery keys. */
  readonly unseal: Unseal
  readonly schema: Schema
  /** Marks the restored database, before anything else can run on it: it is not yet what it was. */
  readonly mark: (access: { readonly app: PoolConfig }, manifest: BackupManifest) => Promise<void>
  readonly clock: Clock
}

/** What was done. */
export interface Restored {
  readonly manifest: BackupManifest
  /** Where the database lies that was there before. */
  readonly movedTo: string | undefined
}

/**
 * Restores a backup. The caller holds the data folder: nothing runs there. The database is made, checked and marked in a
 * folder of its own, and takes its place as the last step: killed before, everything is as it was.
 *
 * @throws {RequestError} `not_found` if the folder holds no whole backup; `state_conflict` for another version's.
 * @throws {IntegrityError} `backup_untrusted`, `key_unusable`; the data folder is unchanged then.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`, `unavailable`.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { fromDir, dataDir, trust, unseal, schema, mark, clock } = options
  const backup = await readBackup(fromDir, trust, unseal)
  await finishSwap(dataDir)
  await removeUnfinishedRestores(dataDir)
  const stamp = clock.now().toISOString().replaceAll(":", "-")
  const workDir = restoreWorkDir(dataDir, stamp)
  await openDatabase(backup, workDir, schema)
  try {
    const server = await launch({ dataDir: workDir })
    try {
      await schema.migrate(server)
      await mark(server, backup)
    } finally {
      await server.stop()
    }
  } catch (error) {
    await rm(workDir, { recursive: true, force: true, maxRetries: 5 })
    throw error
  }
  return { manifest: backup, movedTo: await swapIn(dataDir, stamp) }
}
