/**
 * Reads and verifies the files of lists.
 * @module
 */
import { createHash } from "node:crypto"
import type { FileHandle } from "node:fs/promises"
import { type FileDigest, syncDir, toWriteError } from "@nightlight/durable"

const BUFFER_BYTES = 1_048_576

/** The name of the output in error messages. */
export const OUTPUT_NAME = "the lists"

/** Reads an open file into memory and verifies it; `undefined` where size or digest differ. */
export async function readWhole(file: FileHandle, expected: FileDigest): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if ((await file.stat()).size !== expected.sizeBytes) return undefined
  const bytes = new Uint8Array(expected.sizeBytes)
  for (let offset = 0; offset < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, offset, Math.min(BUFFER_BYTES, bytes.length - offset), offset)
    if (bytesRead === 0) return undefined
    offset += bytesRead
  }
  return createHash("sha256").update(bytes).digest("hex") === expected.sha256 ? bytes : undefined
}

/** Makes creations, renames and removals in a folder durable. @throws {DependencyError} `write_failed`. */
export async function syncFolder(path: string): Promise<void> {
  await syncDir(path).catch((error: unknown) => {
    throw toWriteError(error, OUTPUT_NAME)
  })
}

/** Replaces the system's write error, whose message quotes paths, by a coded error. */
export function attempt<T>(write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw toWriteError(error, OUTPUT_NAME)
  }
}
