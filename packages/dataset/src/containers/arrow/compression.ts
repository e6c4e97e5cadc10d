/**
 * Compression of buffers: the length of the inflated bytes, and a frame.
 *
 * Source: Apache Arrow, `Message.fbs` (`BodyCompressionMethod`).
 * @module
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { deflateLz4Frame, inflateLz4Frame } from "../compression/lz4-frame.ts"
import type { Budget } from "../rows/budget.ts"
import { CODEC } from "./batch.ts"
import { malformed } from "./errors.ts"

const PREFIX_BYTES = 8
/** Length of a buffer that is stored as it is. */
const STORED = -1n

/**
 * Inflates a buffer. The inflated bytes are held in the budget until the caller releases them.
 *
 * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_limit`
 */
export function inflateBuffer(bytes: Uint8Array, codec: number, budget: Budget): Uint8Array {
  if (bytes.length === 0) return bytes
  if (bytes.length < PREFIX_BYTES) throw malformed()
  const stated = new DataView(bytes.buffer, bytes.byteOffset, PREFIX_BYTES).getBigInt64(0, true)
  const data = bytes.subarray(PREFIX_BYTES)
  if (stated === STORED) return data
  const length = Number(stated)
  if (length < 0) throw malformed()
  budget.assertInflates(data.length, length)
  budget.hold(length)
  try {
    const inflated = codec === CODEC.zstd ? zstd(data, length) : inflateLz4Frame(data, length)
    if (inflated.length === length) return inflated
  } catch {
    // Said below: zlib's own words may quote.
  }
  throw malformed()
}

function zstd(bytes: Uint8Array, length: number): Uint8Array {
  // zlib refuses a limit of 0.
  return zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) })
}

/** Compresses a buffer; one without bytes stays empty, and one that would grow is stored as it is. */
export function deflateBuffer(bytes: Uint8Array, codec: number): Uint8Array {
  if (bytes.length === 0) return bytes
  const data = codec === CODEC.zstd ? zstdCompressSync(bytes) : deflateLz4Frame(bytes)
  const isSmaller = data.length < bytes.length
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeBigInt64LE(isSmaller ? BigInt(bytes.length) : STORED)
  return Buffer.concat([prefix, isSmaller ? data : bytes])
}
