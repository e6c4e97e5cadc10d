/**
 * Parquet files whose rows are about items of other shards.
 *
 * Source: img2dataset, `writer.py`: the column `key` of `NNNNN.parquet` is the name, without its extension, of a sample
 * of `NNNNN.tar` or of the folder `NNNNN`; rows of failed downloads have no sample.
 * @module
 */

import { ShardError } from "@nightlight/core"
import type { ListedFile } from "../../readers/listing.ts"
import type { RandomSource } from "../../readers/source.ts"
import type { StatedOrigin } from "../../readers/stated-origin.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { DatasetStore } from "../../stores/store.ts"
import { Budget } from "../rows/budget.ts"
import type { TableRow } from "../rows/row-samples.ts"
import { readFooter } from "./footer.ts"
import { PARQUET, tooLarge } from "./malformed.ts"
import { readGroupRows } from "./rows.ts"

/** What rows state about samples, by key. */
export type RowOrigins = ReadonlyMap<string, StatedOrigin>

/**
 * Reads the origins that a table's rows state: URLs and digests of raw downloads. A table that cannot be read states
 * nothing: it is a shard of its own, which is set aside.
 *
 * @throws {DependencyError} `source_unreadable`
 */
export async function readRowOrigins(store: DatasetStore, file: ListedFile, limits: ReaderLimits): Promise<RowOrigins> {
  const origins = new Map<string, StatedOrigin>()
  using source = store.open(file)
  try {
    for await (const row of readRows(source, limits)) {
      const key = keyOf(row)
      if (key !== undefined && Object.keys(row.origin).length > 0) origins.set(key, row.origin)
    }
  } catch (error) {
    if (!(error instanceof ShardError)) throw error
  }
  return origins
}

/** The key that a row states for its sample. */
export function keyOf({ json }: TableRow): string | undefined {
  const { key } = fieldsOf(json)
  return typeof key === "string" ? key : undefined
}

/** A row's cells; empty where they cannot be read. */
export function fieldsOf(json: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json ?? "{}")
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

async function* readRows(source: RandomSource, limits: ReaderLimits): AsyncGenerator<TableRow, void> {
  const footer = await readFooter(source, limits)
  if (footer.rows > limits.items) throw tooLarge("more rows")
  const file = { source, footer, budget: new Budget(limits, source.sizeBytes, PARQUET) }
  let firstRow = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    yield* readGroupRows(file, group, { firstRow, isDigested: false })
    firstRow += group.rows
  }
}
