import { crc32, type InflateRaw, inflateRaw } from "node:zlib"
import { ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ZipEntry } from "./directory.ts"

/**
 * Reads an entry's bytes, inflated to exactly the size it declares.
 *
 * @throws {ShardError} `shard_malformed` if size or checksum are not those declared; `shard_bomb` if there is more.
 */
export async function readZipEntry(source: RandomSource, entry: ZipEntry): Promise<Uint8Array> {
  return inflateZipEntry(entry, await source.read(entry.dataStart, entry.compressedSize))
}

/** Inflates an entry's raw data; see {@link readZipEntry}. */
export async function inflateZipEntry(entry: ZipEntry, raw: Uint8Array): Promise<Uint8Array> {
  const bytes = entry.method === 0 ? raw : await inflateExactly(raw, entry.sizeBytes)
  if (bytes.length !== entry.sizeBytes || crc32(bytes) !== entry.crc32) {
    throw new ShardError("shard_malformed", "a zip entry has another size or checksum than it declares")
  }
  return bytes
}

/** Inflates all of the data: bytes after the end of its stream would not be screened. */
async function inflateExactly(raw: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Inflated>()
  const options = { info: true, maxOutputLength: Math.max(1, sizeBytes) }
  inflateRaw(raw, options, (error, result: unknown) => (error === null ? resolve(result as Inflated) : reject(error)))
  try {
    const { buffer, engine } = await promise
    if (engine.bytesWritten === raw.length) return buffer
  } catch (error) {
    if (error instanceof RangeError) {
      throw new ShardError("shard_bomb", "a zip entry inflates beyond the size it declares")
    }
  }
  throw new ShardError("shard_malformed", "a zip entry is damaged")
}

/** zlib's result with `info`. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: InflateRaw
}
