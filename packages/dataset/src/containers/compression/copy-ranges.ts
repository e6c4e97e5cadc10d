/**
 * Copies ranges of a file that was read before.
 * @module
 */
import { createHash } from "node:crypto"
import { DependencyError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { Sink } from "../sink.ts"

const CHUNK_BYTES = 2 ** 20

/** Bytes of a file, from an offset to another one. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Reads a file from its start to its end. */
export async function* readChunks(source: RandomSource): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; offset < source.sizeBytes; offset += CHUNK_BYTES) {
    yield await source.read(offset, Math.min(CHUNK_BYTES, source.sizeBytes - offset))
  }
}

/** SHA-256 of a whole file, lower-case hexadecimal. */
export async function digestSource(source: RandomSource): Promise<string> {
  const hash = createHash("sha256")
  for await (const chunk of readChunks(source)) hash.update(chunk)
  return hash.digest("hex")
}

/**
 * Copies ranges of a file, in order and without overlap. The whole file is read again, so that its digest shows whether
 * it is the one that the ranges were found in.
 *
 * @param expectedSha256 - Of the whole file.
 * @throws {DependencyError} `source_changed` if it has another digest.
 */
export async function copyRanges(
  source: RandomSource,
  { ranges, expectedSha256 }: { readonly ranges: readonly ByteRange[]; readonly expectedSha256: string },
  sink: Sink,
): Promise<void> {
  const hash = createHash("sha256")
  async function* kept(): AsyncGenerator<Uint8Array, void> {
    let offset = 0
    let next = 0
    for await (const chunk of readChunks(source)) {
      hash.update(chunk)
      const end = offset + chunk.length
      for (let range = ranges[next]; range !== undefined && range.start < end; range = ranges[++next]) {
        const piece = chunk.subarray(Math.max(0, range.start - offset), Math.min(range.end, end) - offset)
        if (piece.length > 0) yield piece
        if (range.end > end) break
      }
      offset = end
    }
  }
  await sink(kept())
  if (hash.digest("hex") === expectedSha256) return
  throw new DependencyError("source_changed", "a compressed file changed while it was copied")
}
