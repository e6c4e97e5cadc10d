/**
 * Writes the sealed files of a backup. Nothing is written to disk unsealed.
 * @module
 */
import { createHash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { errnoOf, NewFile, toReadError, toWriteError } from "@nightlight/durable"
import type { BackupFile, SealedFile } from "./format.ts"
import type { Seal } from "./ports.ts"

const CHUNK_BYTES = 1024 * 1024

/** Least bytes asked for at once: a page of PostgreSQL. Most files of a database are small. */
const PAGE_BYTES = 8192

/** Recipients of a sealed file, and the function that seals it. */
export interface SealedTo {
  readonly seal: Seal
  /** age X25519 public keys, at least one. */
  readonly recipients: readonly string[]
}

/** An entry of a backup: a file, read when its turn comes, or a text. */
export type Source = { readonly path: string; readonly from: string } | { readonly path: string; readonly text: string }

/**
 * Seals the bytes of sources, in order, into one file.
 *
 * @param files - Receives the entry of each written file. Files that a running database has removed meanwhile are left
 *   out.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export function writeData(
  path: string,
  sources: AsyncIterable<Source>,
  to: SealedTo,
  files: BackupFile[],
): Promise<SealedFile> {
  return writeSealed(path, bytesOf(sources, files), to)
}

/** Seals bytes into a new file, 0600, synced. */
export async function writeSealed(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  { seal, recipients }: SealedTo,
): Promise<SealedFile> {
  await using target = await NewFile.create(path, { what: "a backup" })
  try {
    for await (const chunk of seal(bytes, recipients)) await target.write(chunk)
    return await target.finish()
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error
    throw toWriteError(error, "a backup")
  }
}

async function* bytesOf(sources: AsyncIterable<Source>, files: BackupFile[]): AsyncGenerator<Uint8Array, void, void> {
  for await (const source of sources) {
    if ("text" in source) {
      const bytes = Buffer.from(source.text)
      files.push({
        path: source.path,
        sizeBytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      })
      yield bytes
    } else yield* contentOf(source, files)
  }
}

async function* contentOf(
  { path, from }: { readonly path: string; readonly from: string },
  files: BackupFile[],
): AsyncGenerator<Uint8Array, void, void> {
  const source = await openIfThere(from)
  if (source === undefined) return
  const hash = createHash("sha256")
  let sizeBytes = 0
  try {
    const { size } = await source.stat()
    for (;;) {
      const length = Math.min(Math.max(size - sizeBytes, PAGE_BYTES), CHUNK_BYTES)
      const { bytesRead, buffer } = await source.read(Buffer.allocUnsafe(length), 0, length)
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      hash.update(chunk)
      sizeBytes += bytesRead
      yield chunk
    }
  } catch (error) {
    throw toReadError(error, "a file of the database")
  } finally {
    await source.close()
  }
  files.push({ path, sizeBytes, sha256: hash.digest("hex") })
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r")
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "a file of the database")
  }
}
