/**
 * MDS shards of MosaicML Streaming, plain or compressed.
 * @module
 */
import { compact } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import { COMPRESSION_SNIFF_BYTES, type Compression, sniffCompression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import { recompress } from "../compression/recompress.ts"
import type { PackedContainer } from "../container.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { randomTarInput, streamTarInput, type TarInput } from "../tar/input.ts"
import { isMdsShard, MDS_ENDINGS } from "./detect.ts"
import { rewriteMds, selectRows } from "./rewrite.ts"
import { readMdsSamples } from "./samples.ts"

/** MDS shards. */
export const mds: PackedContainer = {
  title: "MDS shards, plain, gzip or zstd (MosaicML Streaming)",
  layout: "packed",
  endings: MDS_ENDINGS,
  detect: isMdsShard,
  async *samples(shard, builder, signal) {
    const { limits } = shard
    using source = openShardFile(shard)
    const compression = await compressionOf(source)
    if (compression === undefined) {
      yield* readMdsSamples({ input: randomTarInput(source), path: source.rangePath }, builder, limits)
    } else {
      const input = streamTarInput(inflateSource({ source, compression }, limits, signal))
      yield* readMdsSamples({ input, path: undefined }, builder, limits)
    }
  },
  writeClean: (copy, signal) => writePacked(copy, writeMds, signal),
  // Samples are copied with their own bytes, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, writeMds, signal),
}

const writeMds: WriteShardFile = async (source, { copy, sink }, signal) => {
  const { limits, decision } = copy
  const { kept, isIncomplete } = decision
  const compression = await compressionOf(source)
  const open = (): TarInput =>
    compression === undefined
      ? randomTarInput(source)
      : streamTarInput(inflateSource({ source, compression }, limits, signal))
  const selected = isIncomplete ? await selectRows(open(), kept, limits) : undefined
  const selection = { kept, rows: selected?.rows }
  if (compression === undefined) {
    await sink(rewriteMds(open(), selection, limits))
    return
  }
  const rewrite = (chunks: AsyncIterable<Uint8Array>) =>
    rewriteMds(streamTarInput(chunks[Symbol.asyncIterator]()), selection, limits)
  const pledgedBytes = selected?.sizeBytes
  await recompress(compact({ source, compression, limits, rewrite, isIncomplete, pledgedBytes }), sink, signal)
}

async function compressionOf(source: RandomSource): Promise<Compression | undefined> {
  return sniffCompression(await source.read(0, COMPRESSION_SNIFF_BYTES))
}
