/**
 * Writes compressed files: unchanged where all of their bytes are accounted for, otherwise compressed anew.
 * @module
 */
import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress } from "node:zlib"
import { compact } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { Sink } from "../sink.ts"
import { copyRanges, digestSource } from "./copy-ranges.ts"
import type { Compression } from "./format.ts"
import { inflateSource } from "./inflate.ts"

/** Recompressed files have no time and no name, so that two runs give the same bytes. */
const GZIP_LEVEL = 6
const ZSTD_LEVEL = 3

/** Makes a file's new content of its inflated chunks. */
export type Rewrite = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** A compressed file that is written again. */
export interface CompressedRewrite {
  readonly source: RandomSource
  readonly compression: Compression
  readonly limits: ReaderLimits
  /** Verifies what it yields. */
  readonly rewrite: Rewrite
  /** Whether the rewrite may leave anything out. */
  readonly isIncomplete: boolean
  /** Bytes that the rewrite yields, where known: zstd's header then states them, as some readers require. */
  readonly pledgedBytes?: number
}

/**
 * Writes a compressed file: byte for byte where the rewrite changes nothing and no member holds anything but its data.
 *
 * @throws {DependencyError} `source_changed` if the file changed meanwhile.
 */
export async function recompress(job: CompressedRewrite, sink: Sink, signal: AbortSignal): Promise<void> {
  if (!job.isIncomplete && (await copyUnchanged(job, sink, signal))) return
  const { compression, rewrite, pledgedBytes } = job
  const inflated = inflateSource(job, job.limits, signal)
  await pipeline(Readable.from(rewrite(inflated)), compressor(compression, pledgedBytes), sink)
}

function compressor(compression: Compression, pledgedSrcSize: number | undefined): Gzip | ZstdCompress {
  if (compression === "gzip") return createGzip({ level: GZIP_LEVEL })
  const { ZSTD_c_compressionLevel: level, ZSTD_c_checksumFlag: checksum } = constants
  return createZstdCompress(compact({ params: { [level]: ZSTD_LEVEL, [checksum]: 1 }, pledgedSrcSize }))
}

async function copyUnchanged(job: CompressedRewrite, sink: Sink, signal: AbortSignal): Promise<boolean> {
  const { source, limits, rewrite } = job
  const expectedSha256 = await digestSource(source)
  const [inflated, rewritten] = [createHash("sha256"), createHash("sha256")]
  let isPlain = true
  async function* recorded(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of inflateSource(job, limits, signal, (member) => (isPlain &&= member.isPlain))) {
      inflated.update(chunk)
      yield chunk
    }
  }
  for await (const piece of rewrite(recorded())) rewritten.update(piece)
  if (!isPlain || inflated.digest("hex") !== rewritten.digest("hex")) return false
  await copyRanges(source, { ranges: [{ start: 0, end: source.sizeBytes }], expectedSha256 }, sink)
  return true
}
