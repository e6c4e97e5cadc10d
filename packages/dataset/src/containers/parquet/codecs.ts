/**
 * Compression of pages.
 * @module
 */
import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib"
import { snappyCompress } from "hyparquet-writer/src/snappy.js"
import { inflateLz4Block } from "../compression/lz4.ts"
import { malformed } from "./malformed.ts"
import { inflateSnappy } from "./snappy.ts"

/** Codecs by their number in the format. */
export const CODEC = { none: 0, snappy: 1, gzip: 2, brotli: 4, zstd: 6, lz4: 7 } as const

/**
 * Inflates a page, to exactly the length that its header says.
 *
 * @throws {ShardError} `shard_malformed` for another length, damaged data, or a codec that cannot be read (LZO, Hadoop's
 * LZ4).
 */
export function inflate(codec: number, bytes: Uint8Array, length: number): Uint8Array {
  // zlib refuses a limit of 0.
  const options = { maxOutputLength: Math.max(1, length) }
  try {
    const inflated = inflateWith(codec, bytes, options)
    if (inflated.length === length) return inflated
  } catch {
    // Said below: zlib's own words may quote.
  }
  throw malformed()
}

function inflateWith(codec: number, bytes: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array {
  switch (codec) {
    case CODEC.none:
      return bytes
    case CODEC.snappy: {
      const output = new Uint8Array(snappyLength(bytes, options.maxOutputLength))
      if (!inflateSnappy(bytes, output)) throw malformed()
      return output
    }
    case CODEC.gzip:
      return gunzipSync(bytes, options)
    case CODEC.brotli:
      return brotliDecompressSync(bytes, options)
    case CODEC.zstd:
      return zstdDecompressSync(bytes, options)
    case CODEC.lz4: {
      const output = new Uint8Array(options.maxOutputLength)
      return output.subarray(0, inflateLz4Block(bytes, output))
    }
    default:
      throw malformed()
  }
}

/** The length that a snappy block states. @throws {ShardError} `shard_malformed` if it is more than `max`. */
export function snappyLength(bytes: Uint8Array, max: number): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = bytes[index] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) break
  }
  if (length > max) throw malformed()
  return length
}

/** Compresses a page with a codec of {@link CODEC}; with another one (LZ4), it is stored as it is. */
export function deflate(codec: number, bytes: Uint8Array): { readonly codec: number; readonly bytes: Uint8Array } {
  switch (codec) {
    case CODEC.snappy:
      return { codec, bytes: snappyCompress(bytes) }
    case CODEC.gzip:
      return { codec, bytes: gzipSync(bytes) }
    case CODEC.brotli:
      return { codec, bytes: brotliCompressSync(bytes) }
    case CODEC.zstd:
      return { codec, bytes: zstdCompressSync(bytes) }
    default:
      return { codec: CODEC.none, bytes }
  }
}
