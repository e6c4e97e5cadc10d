/**
 * Writes files that exist completely or not at all, whenever the process or the machine stops.
 * @module
 */

import { type FileHandle, link, open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { RequestError } from "@nightlight/core"
import { giveToFolderOwner } from "./folder-owner.ts"
import { errnoOf, toWriteError } from "./io-errors.ts"
import { tempName } from "./temp-files.ts"

/** Waits until creations, renames and removals in a folder are on disk. */
export async function syncDir(dir: string | Buffer): Promise<void> {
  const handle = await open(dir, "r")
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems report that they cannot sync a folder; they order these operations themselves.
    if (errnoOf(error) !== "EINVAL" && errnoOf(error) !== "ENOTSUP") throw error
  } finally {
    await handle.close()
  }
}

/** Writes all the bytes at the handle's position, in as many writes as the system needs. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done)
    done += bytesWritten
  }
}

/**
 * Writes a file in one step: readers see the old or the new content, never a part, even after a power cut. On failure
 * the old content stays and no temporary file is left.
 *
 * @param mode - permission bits of the new file, such as `0o600`; the process's umask still applies.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  try {
    await writeBeside(path, bytes, mode, (temp) => rename(temp, path))
  } catch (error) {
    throw toWriteError(error, "a file")
  }
}

/**
 * Like {@link writeFileAtomic}, but only if the name is free: exactly one of two writers succeeds.
 *
 * @throws {RequestError} `state_conflict` if the name is taken.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function writeFileExclusive(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  try {
    await writeBeside(path, bytes, mode, async (temp) => {
      await link(temp, path)
      await rm(temp)
    })
  } catch (error) {
    if (errnoOf(error) === "EEXIST") throw new RequestError("state_conflict", `${path} already exists`)
    throw toWriteError(error, "a file")
  }
}

/** Writes a temporary file beside a path and gives it its name; on failure no temporary file is left. */
async function writeBeside(
  path: string,
  bytes: Uint8Array | string,
  mode: number,
  giveName: (temp: string) => Promise<void>,
): Promise<void> {
  const dir = dirname(path)
  const temp = join(dir, tempName())
  try {
    await writeSynced(temp, bytes, mode)
    await giveName(temp)
    await syncDir(dir)
  } catch (error) {
    await rm(temp, { force: true })
    throw error
  }
}

/** Creates a file that must not exist, writes it, and waits until its content is on disk. */
async function writeSynced(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  const handle = await open(path, "wx", mode)
  try {
    await giveToFolderOwner(handle, path)
    await writeAll(handle, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
