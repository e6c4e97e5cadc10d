/**
 * A compressed file read member by member: its data in chunks, and where each member ends.
 * @module
 */
import { Readable } from "node:stream"
import type { InflateRaw, ZstdDecompress } from "node:zlib"
import { DependencyError, ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"

/** A chunk of inflated data, or the end of a member, in order. */
export type CompressedPart =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly member: CompressedMember }

/** A gzip member or zstd frame. */
export interface CompressedMember {
  /** Offsets in the compressed file. */
  readonly start: number
  readonly end: number
  /** Whether it holds nothing but its data: no comment, extra field or skippable frame, which may be anything. */
  readonly isPlain: boolean
}

const BLOCK_BYTES = 256 * 1024
const FIRST_BYTES = 16 * 1024

/** Reads blocks of a source, the last of which it keeps, since small members lie side by side. */
export function bufferedSource(source: RandomSource): RandomSource {
  let start = 0
  let block: Uint8Array = new Uint8Array()
  return {
    sizeBytes: source.sizeBytes,
    async read(offset, length) {
      const end = Math.min(offset + length, source.sizeBytes)
      if (offset >= start && end <= start + block.length) return block.subarray(offset - start, end - start)
      if (length > BLOCK_BYTES) return await source.read(offset, length)
      start = offset
      block = await source.read(offset, BLOCK_BYTES)
      return block.subarray(0, Math.max(0, end - offset))
    },
  }
}

/**
 * Inflates the compressed bytes from `start`, at most to `end`, until their stream ends.
 *
 * @throws {ShardError} `shard_malformed` if they are damaged or cut short.
 * @throws {DependencyError} `source_unreadable`, `source_changed`
 */
export async function* inflateFrom(
  { source, start, end }: { readonly source: RandomSource; readonly start: number; readonly end: number },
  inflater: InflateRaw | ZstdDecompress,
): AsyncGenerator<Uint8Array, void> {
  let failure: unknown
  async function* compressed(): AsyncGenerator<Uint8Array, void> {
    try {
      // Small members are inflated from the block that their header was read with.
      let length = FIRST_BYTES
      for (let offset = start; offset < end; ) {
        const bytes = await source.read(offset, Math.min(length, end - offset))
        yield bytes
        offset += bytes.length
        length = BLOCK_BYTES
      }
    } catch (error) {
      failure = error
      throw error
    }
  }
  const raw = Readable.from(compressed(), { objectMode: true, highWaterMark: 1 })
  raw.once("error", (error) => inflater.destroy(error))
  try {
    for await (const bytes of raw.pipe(inflater) as AsyncIterable<Uint8Array>) yield bytes
  } catch (error) {
    if (error instanceof ShardError) throw error
    if (failure instanceof DependencyError) throw failure
    throw new ShardError("shard_malformed", "compressed data is damaged or cut short")
  } finally {
    raw.destroy()
    inflater.destroy()
  }
}
