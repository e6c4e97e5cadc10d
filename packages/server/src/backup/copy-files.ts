/**
 * Copies files and digests what was written.
 * @module
 */
import { createHash } from "node:crypto"
import { mkdir, open, readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { errnoOf, toReadError, toWriteError } from "@nightlight/vault/durable"
import type { BackupFile } from "./format.ts"

const CHUNK_BYTES = 1024 * 1024

/**
 * Copies one file, 0600, synced; parents are made 0700.
 *
 * @param path - Name in the target folder.
 * @returns `undefined` if the source is gone: a running database removes files.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function copyDigested(from: string, toDir: string, path: string): Promise<BackupFile | undefined> {
  const source = await open(from, "r").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "a file of the backup")
  })
  if (source === undefined) return undefined
  const hash = createHash("sha256")
  let sizeBytes = 0
  try {
    const to = join(toDir, path)
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const target = await open(to, "wx", 0o600)
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      for (;;) {
        const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES)
        if (bytesRead === 0) break
        const part = chunk.subarray(0, bytesRead)
        hash.update(part)
        sizeBytes += bytesRead
        await target.writeFile(part)
      }
      await target.sync()
    } finally {
      await target.close()
    }
  } catch (error) {
    throw toWriteError(error, "a copy")
  } finally {
    await source.close()
  }
  return { path, sizeBytes, sha256: hash.digest("hex") }
}

/** Digest of a file as it is. */
export async function digestOf(path: string): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  try {
    const file = await open(path, "r")
    try {
      for await (const part of file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
        hash.update(part as Buffer)
        sizeBytes += (part as Buffer).length
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw toReadError(error, "a file of the backup")
  }
  return { sizeBytes, sha256: hash.digest("hex") }
}

/** Names of all files and of all folders below one, relative to it; what vanishes meanwhile is left out. */
export async function namesBelow(
  dir: string,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const files: string[] = []
  const folders: string[] = []
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(dir, below), { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return []
      throw toReadError(error, "a folder of the backup")
    })
    for (const entry of entries) {
      const name = below === "" ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) {
        folders.push(name)
        await walk(name)
      } else if (entry.isFile()) files.push(name)
    }
  }
  await walk("")
  return { files: files.sort(), folders: folders.sort() }
}
