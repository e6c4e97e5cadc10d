/**
 * Backups on a schedule: each appears complete in its own folder, and the oldest are removed.
 * @module
 */

import { readdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, HOUR_MS, hasCode } from "@nightlight/core"
import { ensureDirPrivate, syncDir } from "@nightlight/durable"
import type { BackupManifest } from "./format.ts"
import { type KeptBackup, readKept } from "./kept.ts"
import type { BackupTrust } from "./ports.ts"

const MADE = /^backup-\d{8}T\d{6}Z$/
const PARTIAL = /^\.partial-/

/**
 * Lists a folder's backups by the trusted key, newest first. Other entries are ignored.
 *
 * @throws {DependencyError} `source_unreadable`.
 */
export async function listBackups(to: string, trust: BackupTrust): Promise<readonly KeptBackup[]> {
  const names = await readdir(to).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return []
    throw error
  })
  const found: KeptBackup[] = []
  for (const name of names.filter((known) => MADE.test(known))) {
    const kept = await readKept(join(to, name), trust)
    if (kept !== undefined) found.push(kept)
  }
  return found.sort((one, other) => other.madeAt.getTime() - one.madeAt.getTime())
}

/** Interval and folder of scheduled backups. */
export interface ScheduleOptions {
  readonly to: string
  readonly everyHours: number
  /** Number of newest backups to keep. */
  readonly keep: number
  readonly trust: BackupTrust
  readonly clock: Clock
  /** Makes one backup in a folder that does not exist. */
  readonly make: (toDir: string) => Promise<BackupManifest>
}

/**
 * Makes a backup if the newest is old enough, and removes those beyond the number to keep. Remains of a killed attempt
 * are removed first.
 *
 * @returns The backup; `undefined` if none was due.
 * @throws as {@link ScheduleOptions.make}; the failed attempt is removed.
 */
export async function backUpIfDue(options: ScheduleOptions): Promise<BackupManifest | undefined> {
  const { to, everyHours, keep, trust, clock, make } = options
  await ensureDirPrivate(to)
  for (const name of await readdir(to)) {
    if (PARTIAL.test(name)) await rm(join(to, name), { recursive: true, force: true })
  }
  const [newest] = await listBackups(to, trust)
  const now = clock.now()
  // A backup dated in the future was made with a wrong clock and must not delay the next one.
  const ageMs = newest === undefined ? Number.POSITIVE_INFINITY : now.getTime() - newest.madeAt.getTime()
  if (ageMs >= 0 && ageMs < everyHours * HOUR_MS) return undefined
  const stamp = `${now.toISOString().replace(/[-:]/g, "").slice(0, 15)}Z`
  const partial = join(to, `.partial-${stamp}`)
  try {
    const made = await make(partial)
    await rename(partial, join(to, `backup-${stamp}`))
    await syncDir(to)
    for (const { folder } of (await listBackups(to, trust)).slice(keep)) {
      await rm(folder, { recursive: true, force: true })
    }
    return made
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}
