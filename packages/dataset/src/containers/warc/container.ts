/**
 * WARC files, plain or compressed.
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import { readChunks } from "../compression/copy-ranges.ts"
import { COMPRESSION_SNIFF_BYTES, sniffCompression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import { recompress } from "../compression/recompress.ts"
import type { PackedContainer } from "../container.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { rewriteRecords } from "../records/rewrite-records.ts"
import { copyKeptMembers } from "./copy-members.ts"
import { isWarc, WARC_ENDINGS } from "./detect.ts"
import { readWarcSamples } from "./samples.ts"
import { splitWarc } from "./split-warc.ts"

/** WARC files. */
export const warc: PackedContainer = {
  title: "WARC, WET and WAT files, plain, gzip or zstd",
  layout: "packed",
  endings: WARC_ENDINGS,
  besides: [".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz"],
  detect: isWarc,
  async *samples(shard, builder, signal) {
    const { limits } = shard
    using source = openShardFile(shard)
    const compression = await compressionOf(source)
    const chunks =
      compression === undefined ? readChunks(source) : inflateSource({ source, compression }, limits, signal)
    const fragments = splitWarc(chunks, limits.headerBytes)
    const path = compression === undefined ? source.rangePath : undefined
    yield* readWarcSamples({ fragments, path }, builder, limits)
  },
  writeClean: (copy, signal) => writePacked(copy, writeWarc, signal),
  // Records are copied with their own bytes, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, writeWarc, signal),
}

const writeWarc: WriteShardFile = async (source, { copy, sink }, signal) => {
  const { limits, decision } = copy
  const rewrite = (chunks: AsyncIterable<Uint8Array>) =>
    rewriteRecords(splitWarc(chunks, limits.headerBytes), decision.kept)
  const compression = await compressionOf(source)
  if (compression === undefined) {
    await sink(rewrite(readChunks(source)))
    return
  }
  if (await copyKeptMembers({ source, compression, copy }, sink, signal)) return
  await recompress({ source, compression, limits, rewrite, isIncomplete: decision.isIncomplete }, sink, signal)
}

async function compressionOf(source: RandomSource) {
  return sniffCompression(await source.read(0, COMPRESSION_SNIFF_BYTES))
}
