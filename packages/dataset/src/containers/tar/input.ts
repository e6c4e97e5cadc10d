/**
 * Input of a tar: front to back, by a file's headers only or through a decompressor.
 * @module
 */
import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import { ChunkReader, DependencyError, NightlightError, ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { BLOCK_BYTES } from "./header.ts"

/** Bytes read front to back. */
export interface TarInput {
  /** Offset of the next byte in the tar (inflated, where it is compressed). */
  readonly position: number
  /** Reads up to `length` bytes, fewer only at the end. The caller owns the bytes. */
  read(length: number): Promise<Uint8Array> | Uint8Array
  /**
   * Moves forward to an offset.
   *
   * @returns whether the tar is that long.
   */
  skipTo(position: number): Promise<boolean> | boolean
}

/** Bytes that are read at least: a header and the first block after it. */
const WINDOW_BYTES = 2 * BLOCK_BYTES

/** Reads a tar at random, so skipping is free. A header and the first block after it come with one read. */
export function randomTarInput(source: RandomSource): TarInput {
  let position = 0
  let windowStart = 0
  let window: Uint8Array = new Uint8Array()
  const take = (bytes: Uint8Array): Uint8Array => {
    position += bytes.length
    return bytes
  }
  const takeFromNext = (bytes: Uint8Array, length: number): Uint8Array => {
    windowStart = position
    window = bytes
    return take(bytes.subarray(0, length))
  }
  return {
    get position() {
      return position
    },
    read(length) {
      const from = position - windowStart
      if (from >= 0 && from + length <= window.length) return take(window.subarray(from, from + length))
      if (length > WINDOW_BYTES) return when(source.read(position, length), take)
      return when(source.read(position, WINDOW_BYTES), (bytes) => takeFromNext(bytes, length))
    },
    skipTo(target) {
      position = target
      return target <= source.sizeBytes
    },
  }
}

/** Goes on at once with bytes that were read at once. */
function when(bytes: Uint8Array | Promise<Uint8Array>, then: (bytes: Uint8Array) => Uint8Array) {
  return bytes instanceof Promise ? bytes.then(then) : then(bytes)
}

/** Reads a tar through a stream of chunks. */
export function streamTarInput(chunks: AsyncIterator<Uint8Array>): TarInput {
  const reader = new ChunkReader(chunks)
  let position = 0
  const take = (length: number): Uint8Array => {
    const bytes = reader.take(length)
    position += bytes.length
    return bytes
  }
  return {
    get position() {
      return position
    },
    async read(length) {
      if (reader.heldBytes >= length) return take(length)
      const parts: Uint8Array[] = []
      let missing = length
      while (missing > 0 && (await reader.fill())) {
        const part = take(missing)
        parts.push(part)
        missing -= part.length
      }
      return Buffer.concat(parts)
    },
    async skipTo(target) {
      while (position < target && (await reader.fill())) take(target - position)
      return position >= target
    },
  }
}

const CHUNK_BYTES = 256 * 1024

/**
 * Inflates a gzip file chunk by chunk, holding one chunk at a time.
 *
 * @throws {ShardError} `shard_bomb` beyond the limits, `shard_malformed` if it is not whole gzip.
 * @throws {DependencyError} as the source's reads say.
 */
export async function* gunzipSource(
  source: RandomSource & { readonly rangePath: string | undefined },
  limits: ReaderLimits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  // A file is read on another thread.
  const file: Readable =
    source.rangePath === undefined
      ? Readable.from(chunksOf(source), { objectMode: false, highWaterMark: CHUNK_BYTES })
      : createReadStream(source.rangePath, { highWaterMark: CHUNK_BYTES })
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  let fileError: unknown
  file.once("error", (error: Error) => {
    fileError = error
    gunzip.destroy(error)
  })
  let readBytes = 0
  file.on("data", (chunk: Uint8Array) => {
    readBytes += chunk.length
  })
  file.pipe(gunzip)
  let inflated = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted()
      inflated += chunk.length
      if (inflated > limits.inflatedBytes || isBomb(inflated, readBytes, limits)) {
        throw new ShardError("shard_bomb", "a compressed shard inflates beyond the limit")
      }
      yield chunk
    }
  } catch (error) {
    if (error instanceof ShardError || signal.aborted) throw error
    if (fileError instanceof NightlightError) throw fileError
    if (fileError !== undefined) throw new DependencyError("source_unreadable", "a compressed shard cannot be read")
    throw new ShardError("shard_malformed", "a compressed shard is damaged or cut short")
  } finally {
    file.destroy()
    gunzip.destroy()
  }
}

async function* chunksOf(source: RandomSource): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; offset < source.sizeBytes; offset += CHUNK_BYTES) {
    yield await source.read(offset, CHUNK_BYTES)
  }
}

/** Whether this many bytes cannot legitimately come from so few compressed ones. */
export function isBomb(inflatedBytes: number, compressedBytes: number, limits: ReaderLimits): boolean {
  return inflatedBytes > limits.ratioFloorBytes && inflatedBytes > compressedBytes * limits.ratio
}
