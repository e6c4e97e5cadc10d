/**
 * Copies separate files: plain ones, and those beside a packed shard.
 * @module
 */

import type { NewFile } from "@nightlight/durable"
import { newOutputFile, type OutputFolder } from "../output/folder.ts"
import { Verifier } from "../output/verifier.ts"
import type { ListedFile } from "../readers/listing.ts"
import { sourcePath } from "../readers/paths.ts"
import { openFileSource } from "../readers/source.ts"
import type { KeptItem } from "./decision.ts"

const CHUNK_BYTES = 2 ** 20

/** Files made durable at once: the disk's journal commits several for the price of one. */
const CONCURRENCY = 8

/** A file to be copied. */
export interface FileToCopy {
  readonly file: ListedFile
  /** Lower-case hexadecimal SHA-256 that its bytes must have; absent only in a purge. */
  readonly sha256?: string
  /** Bytes to write instead, made from verified bytes. */
  readonly replacement?: Uint8Array
}

/** A file that is written and durable, but not yet renamed into place. */
export interface WrittenFile {
  readonly path: Buffer
  readonly made: NewFile
}

/**
 * Copies files to the output's temporary folder. Nothing is visible until they are published.
 *
 * @param written - Grows with every file, also when the copy fails: the caller disposes of them.
 * @throws {DependencyError} `source_changed` if a file's bytes do not have its digest.
 */
export async function copyFiles(
  from: { readonly root: string; readonly files: readonly FileToCopy[] },
  output: OutputFolder,
  written: WrittenFile[],
  signal: AbortSignal,
): Promise<void> {
  const queue = [...from.files.entries()].reverse()
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      signal.throwIfAborted()
      const [index, file] = next
      const made = await newOutputFile(output, String(index))
      written.push({ path: file.file.path, made })
      await copyFile(from.root, file, made)
    }
  }
  const results = await Promise.allSettled(Array.from({ length: CONCURRENCY }, work))
  const failed = results.find((result) => result.status === "rejected")
  if (failed !== undefined) throw failed.reason
}

async function copyFile(root: string, { file, sha256, replacement }: FileToCopy, made: NewFile): Promise<void> {
  if (replacement !== undefined) {
    await made.write(replacement)
  } else {
    using source = openFileSource(sourcePath(root, file))
    const verifier = new Verifier(sha256)
    for (let offset = 0; offset < source.sizeBytes; offset += CHUNK_BYTES) {
      const bytes = source.read(offset, CHUNK_BYTES)
      verifier.update(bytes)
      await made.write(bytes)
    }
    verifier.finish()
  }
  await made.finish()
}

/**
 * Reads a whole file and checks its digest.
 *
 * @throws {DependencyError} `source_changed`
 */
export function readVerified(root: string, { file, sha256 }: FileToCopy): Uint8Array {
  using source = openFileSource(sourcePath(root, file))
  const bytes = source.read(0, source.sizeBytes)
  const verifier = new Verifier(sha256)
  verifier.update(bytes)
  verifier.finish()
  return bytes
}

/** Selects the kept files by position. */
export function keptFiles(
  files: readonly ListedFile[],
  kept: readonly (KeptItem | undefined)[],
): readonly FileToCopy[] {
  return files.flatMap((file, position) => {
    const item = kept[position]
    return item === undefined ? [] : [{ file, ...item }]
  })
}
