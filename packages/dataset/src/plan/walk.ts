/**
 * Walks a folder in a stable order, following no symbolic link.
 * @module
 */

import { type Dirent, lstatSync, readdirSync } from "node:fs"
import { compact, type PathFilter } from "@nightlight/core"
import { yieldEvery512 } from "../containers/item-builder.ts"
import { decodeName } from "../readers/entry-name.ts"
import type { ListedFile } from "../readers/listing.ts"
import { type FileKind, readFileKind } from "./file-kind.ts"
import type { StrayCode } from "./types.ts"

/** Something found by a walk. */
export type Found =
  | ({ readonly kind: "file"; readonly file: ListedFile } & Pick<FileKind, "shard" | "namesFiles">)
  | { readonly kind: "folder"; readonly path: Buffer }
  | { readonly kind: "stray"; readonly code: StrayCode; readonly path: Buffer }

/** Where a walk begins. */
export interface WalkStart {
  /** Absolute real path of the plan's root, raw bytes. */
  readonly root: Buffer
  /** The folder to walk, relative to the root; empty for the root itself. */
  readonly folder: Buffer
  /** Absolute paths of folders not to enter. */
  readonly exclude: ReadonlySet<string>
  readonly isExcluded: PathFilter
}

const SLASH = Buffer.from("/")

/**
 * Walks a folder: in each folder first its files, then its folders, both by the bytes of their names. Yields one folder
 * at a time, and lets the event loop turn now and then.
 */
export async function* walkFolder(start: WalkStart, signal: AbortSignal): AsyncGenerator<Found[]> {
  const { root, folder, exclude, isExcluded } = start
  const stack = [folder]
  let count = 0
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    await yieldEvery512(++count)
    signal.throwIfAborted()
    const absolute = join(root, path)
    const { found, folders } = exclude.has(absolute.toString())
      ? { found: [{ kind: "stray", code: "excluded", path } satisfies Found], folders: [] }
      : await readFolder(root, path, isExcluded, signal)
    for (const inner of folders.reverse()) stack.push(inner)
    yield found
  }
}

/**
 * Examines one file: its type and size.
 *
 * @param target - Real path of a named link, which is followed.
 */
export function inspectFile(root: Buffer, path: Buffer, target?: string): Found {
  const absolute = target === undefined ? join(root, path) : Buffer.from(target)
  const stat = lstatSync(absolute)
  if (stat.isSymbolicLink()) return { kind: "stray", code: "symlink", path }
  if (!stat.isFile()) return { kind: "stray", code: "special", path }
  try {
    const name = path.subarray(path.lastIndexOf(0x2f) + 1).toString("latin1")
    const { shard, namesFiles, archive } = readFileKind(absolute, { name, sizeBytes: stat.size })
    const about = { path, sizeBytes: stat.size, modifiedMs: stat.mtimeMs, archive }
    const file = target === undefined ? about : { ...about, target }
    return compact({ kind: "file", file, shard, namesFiles })
  } catch {
    return { kind: "stray", code: "unreadable", path }
  }
}

/** Appends a relative path to a folder's. */
export function join(folder: Buffer, path: Buffer): Buffer {
  if (path.length === 0) return folder
  return folder.length === 0 || folder.at(-1) === 0x2f
    ? Buffer.concat([folder, path])
    : Buffer.concat([folder, SLASH, path])
}

/** A path as text, for messages and keys. */
export function pathText(path: Buffer): string {
  return path.length === 0 ? "." : decodeName(path)
}

async function readFolder(
  root: Buffer,
  folder: Buffer,
  isExcluded: PathFilter,
  signal: AbortSignal,
): Promise<{ found: Found[]; folders: Buffer[] }> {
  let entries: Dirent<Buffer>[]
  try {
    entries = readdirSync(join(root, folder), { encoding: "buffer", withFileTypes: true })
  } catch {
    return { found: [{ kind: "stray", code: "unreadable", path: folder }], folders: [] }
  }
  entries.sort((a, b) => Buffer.compare(a.name, b.name))
  const found: Found[] = []
  const folders: Buffer[] = []
  for (const [index, entry] of entries.entries()) {
    await yieldEvery512(index)
    signal.throwIfAborted()
    const path = join(folder, entry.name)
    if (isExcluded(pathText(path))) {
      found.push({ kind: "stray", code: "excluded", path })
    } else if (entry.isDirectory()) {
      folders.push(path)
      found.push({ kind: "folder", path })
    } else {
      found.push(inspectSafely(root, path))
    }
  }
  return { found, folders }
}

/** A file may vanish between the listing and the look. */
function inspectSafely(root: Buffer, path: Buffer): Found {
  try {
    return inspectFile(root, path)
  } catch {
    return { kind: "stray", code: "unreadable", path }
  }
}
