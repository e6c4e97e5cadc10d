/**
 * Tar shards, plain or compressed, read by WebDataset's rules.
 * @module
 */
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import type { RandomSource } from "../../readers/source.ts"
import type { Compression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import { recompress } from "../compression/recompress.ts"
import type { PackedContainer } from "../container.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import { cleanTar } from "./clean.ts"
import { isTarShard, TAR_ENDINGS } from "./detect.ts"
import { dropAffected } from "./drop-affected.ts"
import { gunzipSource, randomTarInput, streamTarInput } from "./input.ts"
import { readTarSamples } from "./samples.ts"
import { copyWholeGzip } from "./whole-gzip.ts"

/** Recompressed tars have level 6, no time and no name, so that two runs give the same bytes. */
const GZIP_LEVEL = 6

/** Tar shards, plain or compressed. */
export const tar: PackedContainer = {
  title: "tar shards, plain, gzip or zstd (WebDataset)",
  layout: "packed",
  endings: TAR_ENDINGS,
  besides: [".parquet", "_stats.json"],
  detect: isTarShard,
  async *samples(shard, builder, signal) {
    using source = openShardFile(shard)
    const compression = await compressionOf(source)
    if (compression === "zstd") {
      const inflated = inflateSource({ source, compression }, shard.limits, signal)
      yield* readTarSamples({ input: streamTarInput(inflated), path: undefined }, builder, shard.limits)
    } else if (compression === "gzip") {
      await using inflated = gunzipSource(source, shard.limits, signal)
      yield* readTarSamples({ input: streamTarInput(inflated), path: undefined }, builder, shard.limits)
    } else {
      yield* readTarSamples(
        { input: randomTarInput(source), path: source.rangePath, open: () => openShardFile(shard) },
        builder,
        shard.limits,
      )
    }
  },
  dropAffected,
  writeClean: (copy, signal) => writePacked(copy, writeTar, signal),
  // Members are copied with their own blocks, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, writeTar, signal),
}

const writeTar: WriteShardFile = async (source, { copy, sink }, signal) => {
  const { limits, decision } = copy
  const { kept, isIncomplete } = decision
  const compression = await compressionOf(source)
  if (compression === undefined) {
    await sink(cleanTar(randomTarInput(source), kept, limits))
    return
  }
  if (compression === "zstd") {
    const rewrite = (chunks: AsyncIterable<Uint8Array>) =>
      cleanTar(streamTarInput(chunks[Symbol.asyncIterator]()), kept, limits)
    await recompress({ source, compression, limits, rewrite, isIncomplete }, sink, signal)
    return
  }
  if (!isIncomplete && (await copyWholeGzip(source, { kept, limits }, sink, signal))) return
  await using inflated = gunzipSource(source, limits, signal)
  await pipeline(cleanTar(streamTarInput(inflated), kept, limits), createGzip({ level: GZIP_LEVEL }), sink)
}

async function compressionOf(source: RandomSource): Promise<Compression | undefined> {
  const format = sniffArchive(await source.read(0, SNIFF_BYTES))
  return format === "gzip" || format === "zstd" ? format : undefined
}
