/**
 * Puts what was written to a staging folder in the place of what it was made from.
 * @module
 */
import { chmod, copyFile, lstat, open, readdir, rename, rm, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { syncDir } from "@nightlight/vault/durable"

/**
 * Replaces one file, in one step, keeping its permissions.
 *
 * @throws {DependencyError} `write_failed`, `disk_full`: the file is then as it was.
 */
export async function replaceFile(from: string, to: string): Promise<void> {
  try {
    const { mode } = await lstat(to)
    await chmod(from, mode & 0o777)
    try {
      await rename(from, to)
    } catch (error) {
      if (!hasCode(error, "EXDEV")) throw error
      await replaceAcross(from, to)
    }
    await syncDir(dirname(to))
  } catch (error) {
    throw toDependencyError(error)
  }
}

/** Removes a file for good. @throws {DependencyError} `write_failed`. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path)
    await syncDir(dirname(path))
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw toDependencyError(error)
  }
}

/** Lists all files below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** Another file system: the copy is made beside the file before it takes its place. */
async function replaceAcross(from: string, to: string): Promise<void> {
  const beside = join(dirname(to), `.nightlight-purge-${process.pid}`)
  try {
    await copyFile(from, beside)
    const file = await open(beside, "r+")
    await file.sync()
    await file.close()
    await rename(beside, to)
  } finally {
    await rm(beside, { force: true })
  }
}

function toDependencyError(error: unknown): DependencyError {
  if (hasCode(error, "ENOSPC")) return new DependencyError("disk_full", "there is no space left for the purged shard")
  return new DependencyError("write_failed", "a file of the source could not be replaced", {
    hint: "Check that its folder may be written, and run the same command again.",
  })
}
