/**
 * The files of a clean copy: found by a walk, and removed when their shard is.
 * @module
 */
import { type Dirent, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs"
import { hasCode } from "@nightlight/core"
import { yieldEvery512 } from "../containers/item-builder.ts"
import { absolutePath, parentOf } from "../readers/paths.ts"
import { syncFolder, writing } from "./errors.ts"

/** Size and version of a file of the copy: if both are as they were written, so is the file. */
export interface FileStamp {
  readonly sizeBytes: number
  /** Its time of change in milliseconds, or an object's ETag. */
  readonly version: string
}

/** A file of a copy. */
export interface CopiedFile extends FileStamp {
  /** Relative to the copy's folder, raw bytes. */
  readonly path: Buffer
}

/** Returns the stamp of a file; a link is not followed. */
export function stampOf(path: string | Buffer): FileStamp {
  const { size, mtimeMs } = lstatSync(path)
  return { sizeBytes: size, version: String(mtimeMs) }
}

const SLASH = Buffer.from("/")
const OWN = Buffer.from(".nightlight-")

/** Yields the plain files of a copy in no particular order; none where there is no folder. Follows no link. */
export async function* filesOfCopy(outDir: string, signal: AbortSignal): AsyncGenerator<CopiedFile> {
  const stack: Buffer[] = [Buffer.alloc(0)]
  let count = 0
  for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
    for (const entry of entriesOf(absolutePath(outDir, folder))) {
      await yieldEvery512(++count)
      signal.throwIfAborted()
      const isTop = folder.length === 0
      if (isTop && entry.name.subarray(0, OWN.length).equals(OWN)) continue
      const path = isTop ? entry.name : Buffer.concat([folder, SLASH, entry.name])
      if (entry.isDirectory()) stack.push(path)
      else if (entry.isFile()) yield* found(outDir, path)
    }
  }
}

/** A file may go between the listing and the look. */
function* found(outDir: string, path: Buffer): Generator<CopiedFile> {
  try {
    yield { path, ...stampOf(absolutePath(outDir, path)) }
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
  }
}

function entriesOf(folder: Buffer): readonly Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { encoding: "buffer", withFileTypes: true })
  } catch (error) {
    if (hasCode(error, "ENOENT")) return []
    throw error
  }
}

/** Removes files from a copy, and the folders that hold nothing else; durable when this returns. */
export async function removeFromCopy(outDir: string, paths: readonly Buffer[]): Promise<void> {
  const folders = new Map<string, Buffer>()
  for (const path of paths) {
    const absolute = absolutePath(outDir, path)
    await writing(() => unlinkIfThere(absolute))
    const folder = parentOf(absolute)
    folders.set(folder.toString("latin1"), folder)
  }
  const root = absolutePath(outDir, Buffer.alloc(0))
  for (const folder of folders.values()) {
    let left = folder
    while (left.length >= root.length && removeIfEmpty(left)) left = parentOf(left)
    await syncFolder(left)
  }
}

function unlinkIfThere(path: Buffer): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
  }
}

function removeIfEmpty(folder: Buffer): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return hasCode(error, "ENOENT")
  }
}
