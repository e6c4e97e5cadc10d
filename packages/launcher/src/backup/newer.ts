/**
 * Finds a newer backup than the one to restore, because everything between the two would be lost.
 * @module
 */
import { readdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { type KeptBackup, readKept } from "./kept.ts"
import type { BackupTrust } from "./ports.ts"

/**
 * Finds the newest backup in some folders, signed by the trusted key, if it is newer than the given one.
 *
 * @param folders - Folders of backups; a missing or unreadable one counts as empty.
 * @param than - The backup to restore.
 * @returns `undefined` if none is newer.
 */
export async function findNewerBackup(
  folders: readonly string[],
  than: { readonly id: string; readonly madeAt: string },
  trust: BackupTrust,
): Promise<KeptBackup | undefined> {
  let newest: KeptBackup | undefined
  let atLeast = Date.parse(than.madeAt)
  for (const folder of new Set(folders.map((path) => resolve(path)))) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      // Names of unfinished backups begin with a dot.
      if (!entry.isDirectory() || entry.name.startsWith(".")) continue
      const found = await readKept(join(folder, entry.name), trust)
      if (found === undefined || found.id === than.id || found.madeAt.getTime() <= atLeast) continue
      newest = found
      atLeast = found.madeAt.getTime()
    }
  }
  return newest
}
