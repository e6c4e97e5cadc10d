/**
 * The folder of the clean copy: outside every source, and never left through a link.
 * @module
 */
import { lstatSync, mkdirSync, realpathSync, rmSync, unlinkSync } from "node:fs"
import { basename, dirname, isAbsolute, join, resolve } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import type { PlannedSource } from "../readers/listing.ts"
import { absolutePath, isWithin, parentOf } from "../readers/paths.ts"
import { type FileSource, openFileSource } from "../readers/source.ts"

/**
 * Asserts that a clean copy written to a folder touches no source.
 *
 * @param outDir - Need not exist yet.
 * @throws {RequestError} `output_conflict` if it is, contains or lies in a folder that is read, or contains a file that
 * is read.
 */
export function assertOutputApart(sources: readonly PlannedSource[], outDir: string): void {
  const out = realPathOf(outDir)
  for (const { kind, path, target } of sources) {
    // An address in a store is never a folder here.
    if (!isAbsolute(path)) continue
    const isApart =
      kind === "folder"
        ? !isWithin(out, path) && !isWithin(path, out)
        : [path, target ?? path].every((file) => !isWithin(dirname(file), out))
    if (isApart) continue
    throw new RequestError(
      "output_conflict",
      "the clean copy would be inside the source, or the source inside the copy",
      {
        hint: "Choose a folder for --out that is neither inside the scanned folders nor contains one of them.",
      },
    )
  }
}

/** A folder that a clean copy is written to. */
export interface OutputFolder {
  /** Absolute real path. */
  readonly path: string
  /** Where a shard's files are written before they are renamed into place; empty at the start. */
  readonly temporary: string
  /** Folders to sync once the files are in place: those of the files, and those in which a folder was created. */
  readonly changed: ReadonlyMap<string, Buffer>
  /**
   * Absolute path of a file of the copy; creates its folders.
   *
   * @throws {RequestError} `output_conflict` if a link leads out of the output.
   */
  place(path: Buffer): Buffer
  /** Removes a file of the copy if it exists, and nothing behind a link. */
  remove(path: Buffer): void
  /** Whether a plain file of the copy is there already. */
  has(path: Buffer): boolean
  /** Opens a plain file of the copy that is there already; undefined where there is none. */
  open(path: Buffer): FileSource | undefined
}

/**
 * Creates the folder where it is missing and removes what an interrupted run of the same shard left.
 *
 * @throws the system's error if it cannot be written.
 */
export function openOutputFolder(outDir: string, shardId: string): OutputFolder {
  const changed = new Map<string, Buffer>()
  const change = (folder: Buffer) => void changed.set(folder.toString("latin1"), folder)
  for (const folder of makeFolder(outDir)) change(Buffer.from(folder))
  const path = realpathSync(outDir)
  const temporary = join(path, `.nightlight-${shardId}.tmp`)
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary)
  const checked = new Set<string>()
  return {
    path,
    temporary,
    changed,
    place(relative) {
      const absolute = absolutePath(path, relative)
      const folder = parentOf(absolute)
      const key = folder.toString("latin1")
      if (!checked.has(key)) {
        if (mkdirSync(folder, { recursive: true }) !== undefined) {
          for (let above = parentOf(folder); above.length >= Buffer.byteLength(path); above = parentOf(above))
            change(above)
        }
        if (!isWithin(realpathSync(folder), path)) {
          throw new RequestError("output_conflict", "a link in the output folder leads out of it")
        }
        checked.add(key)
        change(folder)
      }
      return absolute
    },
    remove(relative) {
      const absolute = absolutePath(path, relative)
      try {
        const folder = realpathSync(parentOf(absolute))
        if (isWithin(folder, path)) unlinkSync(absolute)
      } catch (error) {
        if (!hasCode(error, "ENOENT") && !hasCode(error, "ENOTDIR")) throw error
      }
    },
    has(relative) {
      return lstatSync(absolutePath(path, relative), { throwIfNoEntry: false })?.isFile() === true
    },
    open(relative) {
      return this.has(relative) ? openFileSource(absolutePath(path, relative)) : undefined
    },
  }
}

/** Creates a folder and its parents where missing; returns the folders in which one was created. */
function makeFolder(path: string): readonly string[] {
  const first = mkdirSync(path, { recursive: true })
  const changed: string[] = []
  if (first === undefined) return changed
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) changed.push(dirname(made))
  return changed
}

/** The real path of a folder that may not exist yet. */
function realPathOf(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    const parent = dirname(absolute)
    return parent === absolute ? absolute : join(realPathOf(parent), basename(absolute))
  }
}
