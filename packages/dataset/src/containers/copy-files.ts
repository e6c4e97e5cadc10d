/**
 * Copies separate files: plain ones, and those beside a packed shard.
 * @module
 */

import type { CleanOutput, OutputFile, WrittenFile } from "../output/output.ts"
import { Verifier } from "../output/verifier.ts"
import type { ListedFile } from "../readers/listing.ts"
import type { DatasetStore } from "../stores/store.ts"
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

/**
 * Copies files to the output's temporary folder. Nothing is visible until they are published.
 *
 * @param written - Grows with every file, also when the copy fails: the caller disposes of them.
 * @throws {DependencyError} `source_changed` if a file's bytes do not have its digest.
 */
export async function copyFiles(
  from: { readonly store: DatasetStore; readonly files: readonly FileToCopy[] },
  output: CleanOutput,
  written: WrittenFile[],
  signal: AbortSignal,
): Promise<void> {
  const queue = [...from.files].reverse()
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      signal.throwIfAborted()
      const { path } = next.file
      const made = await output.begin(path)
      written.push({ path, made })
      await copyFile(from.store, next, made)
    }
  }
  const results = await Promise.allSettled(Array.from({ length: CONCURRENCY }, work))
  const failed = results.find((result) => result.status === "rejected")
  if (failed !== undefined) throw failed.reason
}

async function copyFile(
  store: DatasetStore,
  { file, sha256, replacement }: FileToCopy,
  made: OutputFile,
): Promise<void> {
  if (replacement !== undefined) {
    await made.write(replacement)
  } else {
    using source = store.open(file)
    const verifier = new Verifier(sha256)
    for (let offset = 0; offset < source.sizeBytes; offset += CHUNK_BYTES) {
      const bytes = await source.read(offset, CHUNK_BYTES)
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
export async function readVerified(store: DatasetStore, { file, sha256 }: FileToCopy): Promise<Uint8Array> {
  using source = store.open(file)
  const bytes = await source.read(0, source.sizeBytes)
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
