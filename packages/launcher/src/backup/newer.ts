/**
 * Whether a newer backup is known than the one that is restored: everything between the two would be lost.
 * @module
 */
import { readdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { type KeptBackup, readKept } from "./kept.ts"
import type { BackupTrust } from "./ports.ts"

/**
 * Finds the newest backup below some folders that the same key signed, if it is newer than one.
 *
 * @param folders - Whose entries may be backups; one that is missing or cannot be read holds none.
 * @param than - Of the backup that is restored.
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
      // One that is not finished yet is none.
      if (!entry.isDirectory() || entry.name.startsWith(".")) continue
      const found = await readKept(join(folder, entry.name), trust)
      if (found === undefined || found.id === than.id || found.madeAt.getTime() <= atLeast) continue
      newest = found
      atLeast = found.madeAt.getTime()
    }
  }
  return newest
}
