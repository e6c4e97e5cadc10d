/**
 * The thread that reads and digests parts of an image beside the main thread: see `read-parts.ts`.
 * @module
 */
import { readSync } from "node:fs"
import { parentPort, workerData } from "node:worker_threads"
import { newHash } from "./parts-digest.ts"
import { type PartDigest, READ_BYTES, type ReadWork, rangesOf } from "./read-parts.ts"

const { fd, memory, sizeBytes, next } = workerData as ReadWork & { readonly fd: number }
const bytes = new Uint8Array(memory, 0, sizeBytes)
const ranges = rangesOf(sizeBytes)
const digests: PartDigest[] = []
for (let part = Atomics.add(next, 0, 1); part < ranges.length; part = Atomics.add(next, 0, 1)) {
  const [from, end] = ranges[part] ?? [0, 0]
  const hash = newHash()
  for (let at = from; at < end; ) {
    const count = readSync(fd, bytes, at, Math.min(READ_BYTES, end - at), at)
    if (count === 0) throw new Error("expected the file not to become shorter")
    hash.update(bytes.subarray(at, at + count))
    at += count
  }
  digests.push({ part, digest: hash.digest() })
}
parentPort?.postMessage(digests)
