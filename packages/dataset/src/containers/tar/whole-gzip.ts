/**
 * Copies a gzipped tar byte for byte when nothing is dropped and all of its bytes are accounted for.
 *
 * Source: RFC 1952, section 2.3.
 * @module
 */
import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { crc32, createInflateRaw } from "node:zlib"
import { DependencyError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { KeptItem } from "../decision.ts"
import type { Sink } from "../sink.ts"
import { cleanTar } from "./clean.ts"
import { isBomb, streamTarInput } from "./input.ts"

const CHUNK_BYTES = 2 ** 18

/** Checksum and size behind the data. */
const TRAILER_BYTES = 8
const FIXED_HEADER_BYTES = 10
const FLAG_NAME = 8
const MAX_NAME_BYTES = 255

/**
 * Copies a gzipped tar unchanged, if it is one gzip member with at most a name in its header, and contains exactly the
 * tar that a clean copy would be.
 *
 * @returns whether it was copied; if not, nothing was written.
 * @throws {DependencyError} `source_changed` if the file changed between being checked and being copied.
 */
export async function copyWholeGzip(
  source: RandomSource,
  { kept, limits }: { readonly kept: readonly (KeptItem | undefined)[]; readonly limits: ReaderLimits },
  sink: Sink,
  signal: AbortSignal,
): Promise<boolean> {
  const start = await headerBytes(source)
  const end = source.sizeBytes - TRAILER_BYTES
  if (start === undefined || start >= end) return false
  const hashes = { file: createHash("sha256"), inflated: createHash("sha256"), clean: createHash("sha256") }
  hashes.file.update(await source.read(0, start))
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES })
  let crc = 0
  let inflatedBytes = 0
  async function* inflated(): AsyncGenerator<Uint8Array, void> {
    const raw = Readable.from(readChunks(source, start ?? 0, end, (chunk) => hashes.file.update(chunk)))
    raw.once("error", (error) => inflater.destroy(error))
    for await (const chunk of raw.pipe(inflater) as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted()
      crc = crc32(chunk, crc)
      inflatedBytes += chunk.length
      if (isBomb(inflatedBytes, end, limits)) throw new RangeError("expected fewer bytes")
      hashes.inflated.update(chunk)
      yield chunk
    }
  }
  try {
    for await (const piece of cleanTar(streamTarInput(inflated()), kept, limits)) hashes.clean.update(piece)
  } catch (error) {
    // Several gzip members, or worse; recompressing it will detect and report that.
    signal.throwIfAborted()
    if (error instanceof DependencyError && error.code !== "source_changed") throw error
    return false
  } finally {
    inflater.destroy()
  }
  const trailer = Buffer.from(await source.read(end, TRAILER_BYTES))
  hashes.file.update(trailer)
  const isAccounted =
    inflater.bytesWritten === end - start &&
    trailer.readUInt32LE(0) === crc &&
    trailer.readUInt32LE(4) === inflatedBytes % 2 ** 32 &&
    hashes.inflated.digest("hex") === hashes.clean.digest("hex")
  if (!isAccounted) return false
  const copied = createHash("sha256")
  await sink(Readable.from(readChunks(source, 0, source.sizeBytes, (bytes) => copied.update(bytes))))
  if (copied.digest("hex") !== hashes.file.digest("hex")) {
    throw new DependencyError("source_changed", "a gzipped tar changed while it was copied")
  }
  return true
}

async function* readChunks(
  source: RandomSource,
  start: number,
  end: number,
  onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void> {
  for (let offset = start; offset < end; offset += CHUNK_BYTES) {
    const chunk = await source.read(offset, Math.min(CHUNK_BYTES, end - offset))
    onChunk(chunk)
    yield chunk
  }
}

/** Length of a header with at most a name; `undefined` for any other. */
async function headerBytes(source: RandomSource): Promise<number | undefined> {
  const head = await source.read(0, FIXED_HEADER_BYTES + MAX_NAME_BYTES + 1)
  const flags = head[3]
  if (head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) return undefined
  if (flags === 0) return FIXED_HEADER_BYTES
  const nameEnd = head.indexOf(0, FIXED_HEADER_BYTES)
  return flags === FLAG_NAME && nameEnd !== -1 ? nameEnd + 1 : undefined
}
