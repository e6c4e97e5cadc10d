/**
 * Parquet shards, as Hugging Face stores pictures.
 * @module
 */

import { compact } from "@nightlight/core"
import type { PackedContainer } from "../container.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { Budget } from "../rows/budget.ts"
import { writeParquet } from "./clean.ts"
import { ENCRYPTED_MAGIC, MAGIC, readFooter } from "./footer.ts"
import { footerOf } from "./kept-footers.ts"
import { PARQUET } from "./malformed.ts"
import { rowFilterOf } from "./row-filter.ts"
import { readParquetSamples } from "./samples.ts"

/** Parquet files. */
export const parquet: PackedContainer = {
  title: "Parquet files (Hugging Face, img2dataset)",
  layout: "packed",
  endings: [".parquet"],
  besides: ["_stats.json"],
  mayDescribe: true,
  countRows: async (source, limits) => (await readFooter(source, limits)).rows,
  detect: ({ bytes }) => {
    const mark = bytes.subarray(0, MAGIC.length)
    return mark.equals(MAGIC) || mark.equals(ENCRYPTED_MAGIC)
  },
  async *samples(shard, builder) {
    using source = openShardFile(shard)
    const footer = await footerOf(shard, source)
    const budget = new Budget(shard.limits, source.sizeBytes, PARQUET)
    yield* readParquetSamples({ source, footer, budget, path: source.rangePath }, builder)
  },
  writeClean: (copy, signal) => writePacked(copy, write, signal),
  // Row groups are copied as they are, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, write, signal),
}

const write: WriteShardFile = async (source, { copy, sink, outcome }, signal) => {
  const { limits, decision, mode } = copy
  const footer = await readFooter(source, limits)
  const file = { source, footer, budget: new Budget(limits, source.sizeBytes, PARQUET) }
  const staysInCopy = await rowFilterOf(copy, footer, signal)
  const written = await writeParquet(file, compact({ decision, mode, sink, staysInCopy, survey: copy.survey }), signal)
  outcome.rows = written.rows
  outcome.leftOutRows += written.leftOutRows
  outcome.leftOutItems += written.leftOutItems
}
