/**
 * Puts what was written to a staging folder in the place of what it was made from.
 * @module
 */
import { chmod, copyFile, lstat, open, rename, rm, unlink } from "node:fs/promises"
import { DependencyError, hasCode } from "@nightlight/core"
import { syncFolder } from "../copy/atomic-file.ts"

/**
 * Replaces one file, in one step, keeping its permissions.
 *
 * @throws {DependencyError} `write_failed`, `disk_full`: the file is then as it was.
 */
export async function replaceFile(from: Buffer, to: Buffer): Promise<void> {
  try {
    const { mode } = await lstat(to)
    await chmod(from, mode & 0o777)
    try {
      await rename(from, to)
    } catch (error) {
      if (!hasCode(error, "EXDEV")) throw error
      await replaceAcross(from, to)
    }
    await syncFolder(folderOf(to))
  } catch (error) {
    throw toDependencyError(error)
  }
}

/** Removes a file for good. @throws {DependencyError} `write_failed`. */
export async function removeFile(path: Buffer): Promise<void> {
  try {
    await unlink(path)
    await syncFolder(folderOf(path))
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw toDependencyError(error)
  }
}

/** Another file system: the copy is made beside the file before it takes its place. */
async function replaceAcross(from: Buffer, to: Buffer): Promise<void> {
  // The same in every run: what a killed one left is written over.
  const beside = Buffer.concat([to, Buffer.from(".nightlight-purge")])
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

function folderOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf(0x2f))
}

function toDependencyError(error: unknown): DependencyError {
  if (error instanceof DependencyError) return error
  if (hasCode(error, "ENOSPC")) return new DependencyError("disk_full", "there is no space left for the purged shard")
  return new DependencyError("write_failed", "a file of the source could not be replaced", {
    hint: "Check that its folder may be written, and run the same command again.",
  })
}
