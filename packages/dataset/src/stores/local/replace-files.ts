/**
 * Replaces source files by files from a staging folder.
 * @module
 */
import { chmod, chown, copyFile, lstat, open, realpath, rename, rm, unlink } from "node:fs/promises"
import { DependencyError, hasCode } from "@nightlight/core"
import { syncFolder } from "../../output/errors.ts"
import { parentOf } from "../../readers/paths.ts"

/**
 * Replaces one file, in one step, keeping its permissions and owner. Of a link, the file that it leads to is replaced.
 *
 * @throws {DependencyError} `write_failed`, `disk_full`: the file is then unchanged.
 */
export async function replaceFile(from: Buffer, to: Buffer): Promise<void> {
  try {
    const place = await realpath(to, { encoding: "buffer" })
    const { mode, uid, gid } = await lstat(place)
    // Only root may change a file's owner; any other user's files are their own already.
    if (process.getuid?.() === 0) await chown(from, uid, gid)
    await chmod(from, mode & 0o777)
    try {
      await rename(from, place)
    } catch (error) {
      if (!hasCode(error, "EXDEV")) throw error
      await replaceAcross(from, place)
    }
    await syncFolder(parentOf(place))
  } catch (error) {
    throw toDependencyError(error)
  }
}

/** Removes a file permanently, and the link's target where it is a link. @throws {DependencyError} `write_failed`. */
export async function removeFile(path: Buffer): Promise<void> {
  try {
    const place = await realpath(path, { encoding: "buffer" })
    for (const each of place.equals(path) ? [path] : [place, path]) {
      await unlink(each)
      await syncFolder(parentOf(each))
    }
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw toDependencyError(error)
  }
}

/** On another file system the copy is made beside the file before it replaces it. */
async function replaceAcross(from: Buffer, to: Buffer): Promise<void> {
  // The same name in every run, so that a killed run's file is overwritten.
  const beside = Buffer.concat([to, Buffer.from(".nightlight-purge")])
  try {
    await copyFile(from, beside)
    if (process.getuid?.() === 0) {
      const { uid, gid } = await lstat(from)
      await chown(beside, uid, gid)
    }
    const file = await open(beside, "r+")
    await file.sync()
    await file.close()
    await rename(beside, to)
  } finally {
    await rm(beside, { force: true })
  }
}

function toDependencyError(error: unknown): DependencyError {
  if (error instanceof DependencyError) return error
  if (hasCode(error, "ENOSPC")) return new DependencyError("disk_full", "there is no space left for the purged shard")
  return new DependencyError("write_failed", "a file of the source could not be replaced", {
    hint: "Check that its folder may be written, and run the same command again.",
  })
}
