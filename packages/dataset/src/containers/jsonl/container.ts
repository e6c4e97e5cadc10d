/**
 * Files of JSON records: JSON lines, and arrays of objects.
 * @module
 */
import { pathOf } from "../../readers/paths.ts"
import type { RandomSource } from "../../readers/source.ts"
import { readChunks } from "../compression/copy-ranges.ts"
import { COMPRESSION_SNIFF_BYTES, sniffCompression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import { recompress } from "../compression/recompress.ts"
import type { PackedContainer, ShardCopy, ShardInput, WrittenPart } from "../container.ts"
import type { KeptItem } from "../decision.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { type Splitter, splitLines } from "../records/fragments.ts"
import { rewriteRecords } from "../records/rewrite-records.ts"
import { splitArrayOrLines } from "../records/split-array.ts"
import { isCalledLines, isJsonShard, JSON_ENDINGS, namesFilesInHead } from "./detect.ts"
import { readJsonSamples } from "./samples.ts"
import { dropFollowing, dropNaming, type OpenRecords, type Remaining } from "./stale-records.ts"

/** Files of JSON records, plain or compressed. */
export const jsonl: PackedContainer = {
  title: "JSON lines and arrays of JSON objects, plain, gzip or zstd (chat and fine-tuning files, C4, Dolma)",
  layout: "packed",
  endings: JSON_ENDINGS,
  mayDescribe: true,
  detect: isJsonShard,
  async *samples(shard, builder, signal) {
    const { limits } = shard
    using source = openShardFile(shard)
    const compression = await compressionOf(source)
    const split = splitterOf(shard)
    if (compression === undefined) {
      yield* readJsonSamples({ fragments: split(readChunks(source)), path: source.rangePath }, builder, limits)
      return
    }
    const fragments = split(inflateSource({ source, compression }, limits, signal))
    yield* readJsonSamples({ fragments, path: undefined }, builder, limits)
  },
  writeClean: async (copy, signal) => {
    const kept = await remainingRecords(copy, signal)
    if (kept === undefined) return leaveOut(copy)
    const leftOut = countKept(copy.decision.kept) - countKept(kept)
    if (leftOut === 0) return writePacked(copy, writeRecords, signal)
    const decision = { ...copy.decision, kept, isIncomplete: true }
    const part = await writePacked({ ...copy, decision }, writeRecords, signal)
    return { ...part, leftOut: part.leftOut + leftOut, droppedRows: leftOut }
  },
  // Records are copied with their own bytes, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, writeRecords, signal),
  namesFiles: namesFilesInHead,
}

const writeRecords: WriteShardFile = async (source, { copy, sink }, signal) => {
  const { limits, decision } = copy
  const split = splitterOf(copy)
  const rewrite = (chunks: AsyncIterable<Uint8Array>) => rewriteRecords(split(chunks), decision.kept)
  const compression = await compressionOf(source)
  if (compression === undefined) await sink(rewrite(readChunks(source)))
  else await recompress({ source, compression, limits, rewrite, isIncomplete: decision.isIncomplete }, sink, signal)
}

/** The records that stay once the files that they name, or the documents that they are about, are in the copy. */
async function remainingRecords(copy: ShardCopy, signal: AbortSignal): Promise<Remaining> {
  const { isLast, decision, listing, limits, incomplete } = copy
  if (!isLast || incomplete?.size === 0) return decision.kept
  const open: OpenRecords = async (source) => {
    const compression = await compressionOf(source)
    const chunks =
      compression === undefined ? readChunks(source) : inflateSource({ source, compression }, limits, signal)
    return splitterOf(copy)(chunks)
  }
  using source = openShardFile(copy)
  const own = await open(source)
  return await (listing.follows === undefined ? dropNaming(copy, own) : dropFollowing(copy, own, open))
}

/** Leaves a whole file out of the copy. */
function leaveOut({ listing, decision }: ShardCopy): WrittenPart {
  const stale = [...listing.files, ...listing.sidecars].map(pathOf)
  return { itemsWritten: 0, leftOut: decision.samplesWritten, droppedRows: 0, stale }
}

function countKept(kept: readonly (KeptItem | undefined)[]): number {
  return kept.filter((item) => item !== undefined).length
}

function splitterOf({ listing }: Pick<ShardInput, "listing">): Splitter {
  const [file] = listing.files
  return file !== undefined && isCalledLines(pathOf(file)) ? splitLines : splitArrayOrLines
}

async function compressionOf(source: RandomSource) {
  return sniffCompression(await source.read(0, COMPRESSION_SNIFF_BYTES))
}
