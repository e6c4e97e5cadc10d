/**
 * Files of JSON records: JSON lines, and arrays of objects.
 * @module
 */
import { pathOf } from "../../readers/paths.ts"
import { recompress } from "../compression/recompress.ts"
import type { PackedContainer, ShardCopy, WrittenPart } from "../container.ts"
import type { KeptItem } from "../decision.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { rewriteRecords } from "../records/rewrite-records.ts"
import { isJsonShard, JSON_ENDINGS, namesFilesInHead } from "./detect.ts"
import { openRecords } from "./open-records.ts"
import { readJsonSamples } from "./samples.ts"
import { dropFollowing, dropNaming, type Remaining } from "./stale-records.ts"

/** Files of JSON records, plain or compressed. */
export const jsonl: PackedContainer = {
  title: "JSON lines and arrays of JSON objects, plain, gzip or zstd (chat and fine-tuning files, C4, Dolma)",
  layout: "packed",
  endings: JSON_ENDINGS,
  mayDescribe: true,
  detect: isJsonShard,
  async *samples(shard, builder, signal) {
    using source = openShardFile(shard)
    const records = await openRecords(source, shard, signal)
    const path = records.compression === undefined ? source.rangePath : undefined
    yield* readJsonSamples({ records, path }, builder, shard.limits)
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
  const { compression, split, fragments } = await openRecords(source, copy, signal)
  const { kept, isIncomplete } = decision
  if (compression === undefined) {
    await sink(rewriteRecords(fragments(), kept))
    return
  }
  const rewrite = (chunks: AsyncIterable<Uint8Array>) => rewriteRecords(split(chunks), kept)
  await recompress({ source, compression, limits, rewrite, isIncomplete }, sink, signal)
}

/** The records that stay once the files that they name, or the documents that they are about, are in the copy. */
async function remainingRecords(copy: ShardCopy, signal: AbortSignal): Promise<Remaining> {
  const { isLast, decision, listing, incomplete } = copy
  if (!isLast || incomplete?.size === 0) return decision.kept
  using source = openShardFile(copy)
  const own = await openRecords(source, copy, signal)
  return await (listing.follows === undefined ? dropNaming(copy, own) : dropFollowing(copy, own, signal))
}

/** Leaves a whole file out of the copy. */
function leaveOut({ listing, decision }: ShardCopy): WrittenPart {
  const stale = [...listing.files, ...listing.sidecars].map(pathOf)
  return { itemsWritten: 0, leftOut: decision.samplesWritten, droppedRows: 0, stale }
}

function countKept(kept: readonly (KeptItem | undefined)[]): number {
  return kept.filter((item) => item !== undefined).length
}
