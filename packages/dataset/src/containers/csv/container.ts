/**
 * Tables in text: CSV and TSV files.
 * @module
 */
import type { PackedContainer } from "../container.ts"
import { readJsonSamples } from "../jsonl/samples.ts"
import { openShardFile, writePacked } from "../packed.ts"
import { recordWriter } from "../records/write-records.ts"
import { CSV_ENDINGS, isCsvShard } from "./detect.ts"
import { openRows } from "./open-rows.ts"
import { createRowReader } from "./read-rows.ts"

const writeRows = recordWriter(openRows)

/** Files of rows, plain or compressed. */
export const csv: PackedContainer = {
  title: "CSV and TSV tables, plain, gzip or zstd (lists of addresses)",
  layout: "packed",
  endings: CSV_ENDINGS,
  mayDescribe: true,
  detect: isCsvShard,
  async *samples(shard, builder, signal) {
    using source = openShardFile(shard)
    const records = await openRows(source, shard, signal)
    const path = records.compression === undefined ? source.rangePath : undefined
    yield* readJsonSamples({ records, path, read: createRowReader(records.separator) }, builder, shard.limits)
  },
  writeClean: (copy, signal) => writePacked(copy, writeRows, signal),
  // Rows are copied with their own bytes, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, writeRows, signal),
}
