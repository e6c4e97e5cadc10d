import { promisify } from "node:util"
import { crc32, inflateRaw } from "node:zlib"
import { ShardError } from "@nightlight/core"
import type { RandomSource } from "./source.ts"
import type { ZipEntry } from "./zip-directory.ts"

const inflate = promisify(inflateRaw)

/**
 * Reads an entry's bytes, inflated to exactly the size it declares.
 *
 * @throws {ShardError} `shard_malformed` if size or checksum are not those declared; `shard_bomb` if there is more.
 */
export async function readZipEntry(source: RandomSource, entry: ZipEntry): Promise<Uint8Array> {
  return inflateZipEntry(entry, source.read(entry.dataStart, entry.compressedSize))
}

/** Inflates an entry's raw data; see {@link readZipEntry}. */
export async function inflateZipEntry(entry: ZipEntry, raw: Uint8Array): Promise<Uint8Array> {
  const bytes = entry.method === 0 ? raw : await inflateExactly(raw, entry.sizeBytes)
  if (bytes.length !== entry.sizeBytes || crc32(bytes) !== entry.crc32) {
    throw new ShardError("shard_malformed", "a zip entry has another size or checksum than it declares")
  }
  return bytes
}

async function inflateExactly(raw: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  try {
    return await inflate(raw, { maxOutputLength: Math.max(1, sizeBytes) })
  } catch (error) {
    const isLarger = error instanceof RangeError
    throw isLarger
      ? new ShardError("shard_bomb", "a zip entry inflates beyond the size it declares")
      : new ShardError("shard_malformed", "a zip entry is damaged")
  }
}
