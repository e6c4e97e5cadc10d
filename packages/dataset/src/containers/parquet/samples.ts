/**
 * Samples of a Parquet file: its key-value metadata, and each row.
 * @module
 */
import type { Sample } from "../../readers/types.ts"
import { type ItemBuilder, yieldEvery512 } from "../item-builder.ts"
import { metadataBytes, metadataSample, rowSample } from "../rows/row-samples.ts"
import { tooLarge } from "./malformed.ts"
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
  // Each row is an item at least.
  if (footer.rows > budget.limits.items) throw tooLarge("more rows")
  const metadata = await readFileMetadata(shard, builder)
  if (metadata !== undefined) yield metadata
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

/** The sample of the file's metadata; undefined where there is none. */
export async function readFileMetadata(
  { footer: { keyValues }, budget }: Pick<ParquetFile, "footer" | "budget">,
  builder: ItemBuilder,
): Promise<Sample | undefined> {
  const metadata = metadataBytes(keyValues)
  return metadata === undefined ? undefined : metadataSample(metadata, keyValues, budget.limits, builder)
}
