/**
 * Reads an image into memory and digests it, a large one in two threads, which take its parts in turn.
 * @module
 */
import type { FileHandle } from "node:fs/promises"
import { malformed } from "./header.ts"
import { HEADER_BYTES } from "./layout.ts"
import { DIGESTED_BYTES, digestOfParts, newHash } from "./parts-digest.ts"
import { readAt, unreadable } from "./read-at.ts"

/** What both threads work on. */
export interface ReadWork {
  readonly memory: SharedArrayBuffer
  readonly sizeBytes: number
  /** Number of the next part that nobody has taken. */
  readonly next: Int32Array<SharedArrayBuffer>
}

/** SHA-256 of a part. */
export interface PartDigest {
  readonly part: number
  readonly digest: Uint8Array
}

/** Smaller images are read before a thread would have started. */
const LEAST_FOR_THREAD = 4 * DIGESTED_BYTES

/** Bytes read at a time; some are digested while others are read. */
export const READ_BYTES = 8 * 1024 * 1024

/**
 * Reads at a time: most of a read is the system's allocation of memory for the new index, which cores do in parallel.
 */
const READS_IN_FLIGHT = 4

/** Beginning and end of each part of an image. */
export function rangesOf(sizeBytes: number): readonly (readonly [number, number])[] {
  return Array.from({ length: Math.ceil(sizeBytes / DIGESTED_BYTES) }, (_, part) => [
    part * DIGESTED_BYTES,
    Math.min(sizeBytes, (part + 1) * DIGESTED_BYTES),
  ])
}

/**
 * Reads everything behind the header, which is in the memory already.
 *
 * @returns the digest of the whole image; undefined where it is not wanted.
 * @throws {PdqError} `image_unreadable`; `image_malformed` where the file became shorter.
 */
export async function readParts(
  file: FileHandle,
  memory: SharedArrayBuffer,
  { sizeBytes, isDigested }: { readonly sizeBytes: number; readonly isDigested: boolean },
): Promise<string | undefined> {
  const ranges = rangesOf(sizeBytes)
  const work: ReadWork = { memory, sizeBytes, next: new Int32Array(new SharedArrayBuffer(4)) }
  const bytes = new Uint8Array(memory, 0, sizeBytes)
  const take = () => Atomics.add(work.next, 0, 1)
  const digests: Uint8Array[] = []
  // The first part is this thread's, because its header was read before.
  let part = take()
  const other = isDigested && sizeBytes >= LEAST_FOR_THREAD ? readInThread(file.fd, work) : Promise.resolve([])
  try {
    for (; part < ranges.length; part = take()) {
      const [from, end] = ranges[part] ?? [0, 0]
      const hash = isDigested ? newHash() : undefined
      if (from === 0) hash?.update(bytes.subarray(0, HEADER_BYTES))
      for await (const read of readInOrder(file, bytes, Math.max(from, HEADER_BYTES), end)) hash?.update(read)
      if (hash !== undefined) digests[part] = hash.digest()
    }
  } finally {
    // The caller closes the file, whose number the thread uses.
    Atomics.store(work.next, 0, ranges.length)
    await other.catch(() => undefined)
  }
  for (const { part: read, digest } of await other) digests[read] = digest
  return isDigested ? digestOfParts(digests) : undefined
}

async function* readInOrder(file: FileHandle, bytes: Uint8Array, from: number, end: number) {
  const reading: Promise<Uint8Array>[] = []
  for (let offset = from; offset < end || reading.length > 0; offset += READ_BYTES) {
    if (offset < end) {
      const read = readWhole(file, bytes.subarray(offset, Math.min(end, offset + READ_BYTES)), offset)
      // One that fails while an earlier one is awaited is reported in its turn, or not at all.
      read.catch(() => undefined)
      reading.push(read)
    }
    if (reading.length < READS_IN_FLIGHT && offset + READ_BYTES < end) continue
    const first = await reading.shift()
    if (first !== undefined) yield first
  }
}

async function readWhole(file: FileHandle, target: Uint8Array, offset: number): Promise<Uint8Array> {
  if ((await readAt(file, target, offset)) !== target.length) throw malformed("became shorter while it was read")
  return target
}

function readInThread(fd: number, work: ReadWork): Promise<readonly PartDigest[]> {
  const { Worker } = process.getBuiltinModule("node:worker_threads")
  const thread = new Worker(new URL(import.meta.resolve("@nightlight/pdq/read-thread")), {
    workerData: { ...work, fd },
  })
  return new Promise((resolve, reject) => {
    thread.once("message", resolve)
    thread.once("error", (error) => reject(unreadable(error)))
    // After a message it changes nothing.
    thread.once("exit", () => reject(unreadable(undefined)))
  })
}
