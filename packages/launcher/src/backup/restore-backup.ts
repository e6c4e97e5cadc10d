/**
 * Restores a backup's database into a data folder. An existing database is moved aside, never removed.
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

/** The backup to restore, and its keys. */
export interface RestoreOptions {
  readonly fromDir: string
  readonly dataDir: string
  readonly trust: BackupTrust
  /** Decrypts with a recovery key. */
  readonly unseal: Unseal
  readonly schema: Schema
  /** Marks the database as restored but not yet reconciled. Called before anything else can use it. */
  readonly mark: (access: { readonly app: PoolConfig }, manifest: BackupManifest) => Promise<void>
  readonly clock: Clock
}

/** A finished restore. */
export interface Restored {
  readonly manifest: BackupManifest
  /** New path of the database that was there before. */
  readonly movedTo: string | undefined
}

/**
 * Restores a backup. The caller must hold the data folder's lock. The database is made, checked and marked in a
 * separate folder and put in place as the last step, so that a process killed before changes nothing.
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
