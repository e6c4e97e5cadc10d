import { createHash } from "node:crypto"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { ParquetFile } from "./rows.ts"

const CHUNK_BYTES = 2 ** 20

/** Yields a range of a file piece by piece. */
export async function* copyRange(
  { source }: ParquetFile,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void> {
  for (let offset = start; offset < end; offset += CHUNK_BYTES) {
    yield await source.read(offset, Math.min(CHUNK_BYTES, end - offset))
  }
}

/**
 * Yields the bytes of a column chunk.
 *
 * @param sha256 - Digest that they must have; absent for a chunk that was not read.
 * @throws {DependencyError} `source_changed`
 */
export async function* copyChunk(
  file: ParquetFile,
  { start, end }: { readonly start: number; readonly end: number },
  sha256: string | undefined,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash("sha256")
  for await (const bytes of copyRange(file, start, end)) {
    hash.update(bytes)
    yield bytes
  }
  if (sha256 !== undefined && hash.digest("hex") !== sha256) throw sourceChanged()
}
