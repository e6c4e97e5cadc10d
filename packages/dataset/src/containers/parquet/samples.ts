/**
 * Samples of a Parquet file: its key-value metadata, and each row.
 * @module
 */
import type { Sample } from "../../readers/types.ts"
import { type ItemBuilder, yieldEvery512 } from "../item-builder.ts"
import { metadataBytes, metadataSample, rowSample } from "../rows/row-samples.ts"
import { type ParquetFile, readGroupRows } from "./rows.ts"

/** A file, and its path where ranges of it can be read by path. */
export interface ParquetShard extends ParquetFile {
  readonly path: string | undefined
}

/**
 * Reads a file's samples. The items of a row are its binary cells and, last, the JSON of its other cells.
 *
 * @throws {ShardError} as `readGroupRows`.
 */
export async function* readParquetSamples(shard: ParquetShard, builder: ItemBuilder): AsyncGenerator<Sample, void> {
  const { footer, budget, path } = shard
  const { keyValues } = footer
  const metadata = metadataBytes(keyValues)
  if (metadata !== undefined) yield await metadataSample(metadata, keyValues, budget.limits, builder)
  let row = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    for await (const read of readGroupRows(shard, group, { firstRow: row, isDigested: false })) {
      await yieldEvery512(read.index)
      yield await rowSample(read, { key: String(read.index), name: `row ${read.index}`, path }, builder)
    }
    row += group.rows
  }
}
