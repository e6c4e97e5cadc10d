/**
 * Digests of large files, in a thread of their own: a list of ten million entries has two files that take as long.
 * @module
 */
import { createHash } from "node:crypto"
import { readSync } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { Worker } from "node:worker_threads"
import type { FileDigest } from "@nightlight/durable"

const BUFFER_BYTES = 1_048_576

/** Smaller files are digested before a thread would have started. */
const LEAST_BYTES = 64 * 1_048_576

/**
 * Digests an open file from its beginning to its end.
 *
 * @param fd - number of the file in this process. Its position is neither used nor changed.
 * @throws the system's error when it cannot be read.
 */
export function digestOpen(fd: number): FileDigest {
  const hash = createHash("sha256")
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let sizeBytes = 0
  for (;;) {
    const bytesRead = readSync(fd, buffer, 0, BUFFER_BYTES, sizeBytes)
    if (bytesRead === 0) return { sizeBytes, sha256: hash.digest("hex") }
    sizeBytes += bytesRead
    hash.update(buffer.subarray(0, bytesRead))
  }
}

/**
 * Whether an open file has this size and digest. Reads the whole file, a large one in a thread.
 *
 * @throws the system's error when it cannot be read.
 */
export async function hasDigest(file: FileHandle, expected: FileDigest): Promise<boolean> {
  const { size } = await file.stat()
  if (size !== expected.sizeBytes) return false
  const found = size < LEAST_BYTES ? digestOpen(file.fd) : await digestInThread(file.fd)
  return found.sizeBytes === expected.sizeBytes && found.sha256 === expected.sha256
}

async function digestInThread(fd: number): Promise<FileDigest> {
  const entry = new URL(import.meta.resolve("@nightlight/screening/digest-thread"))
  const thread = new Worker(entry, { workerData: { fd } })
  return new Promise((resolve, reject) => {
    thread.once("message", resolve)
    thread.once("error", reject)
    // After a message it changes nothing.
    thread.once("exit", () => reject(new Error("expected a digest from the thread")))
  })
}
