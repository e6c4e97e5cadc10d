/**
 * Which rows of a table stay in a clean copy: those about what is in the copy.
 * @module
 */

import type { ListedFile } from "../../readers/listing.ts"
import { pathOf } from "../../readers/paths.ts"
import { isMetadataTable } from "../../readers/stem-groups.ts"
import type { ShardCopy } from "../container.ts"
import type { TableRow } from "../rows/row-samples.ts"
import { isFileColumn, namesPresentFiles } from "../tables/filter-table.ts"
import { describedFolder } from "../tables/table-kind.ts"
import type { ParquetFooter } from "./footer.ts"
import { fieldsOf, keyOf } from "./table-rows.ts"

/** Whether a row stays. */
export type RowFilter = (row: TableRow) => boolean

/**
 * Makes the filter of a table over other shards, which were copied before.
 *
 * @returns undefined where every row stays.
 */
export async function rowFilterOf(
  copy: ShardCopy,
  footer: ParquetFooter,
  signal: AbortSignal,
): Promise<RowFilter | undefined> {
  const [file] = copy.listing.files
  if (file === undefined || !copy.isLast || copy.mode === "purge") return undefined
  const path = pathOf(file)
  if (isMetadataTable(path)) return filterByFiles(copy, file, footer)
  const stem = describedFolder(path)
  return stem === undefined ? undefined : filterByKeys(copy, stem, signal)
}

async function filterByFiles(
  { listing, output }: ShardCopy,
  file: ListedFile,
  { schema }: ParquetFooter,
): Promise<RowFilter> {
  const has = await output.existing()
  const folder = file.path.subarray(0, file.path.lastIndexOf(0x2f) + 1)
  if (!schema.columns.some(({ name }) => isFileColumn(name))) {
    // Rows that name nothing may be about anything.
    const isWhole = [...listing.filesBelow(folder)].every(({ path }) => has(path))
    return () => isWhole
  }
  const hasFile = (name: string) => has(Buffer.concat([folder, Buffer.from(name)]))
  return ({ json }) => json !== undefined && namesPresentFiles(fieldsOf(json), hasFile)
}

async function filterByKeys(
  { listing, output, limits }: ShardCopy,
  stem: string,
  signal: AbortSignal,
): Promise<RowFilter> {
  const gone = new Set<string>()
  const has = await output.existing()
  for (const { path } of listing.filesBelow(Buffer.from(`${stem}/`))) {
    if (!has(path)) gone.add(keyOfFile(path))
  }
  const before = await listing.keysOf(stem, undefined, { limits, signal })
  if (before !== undefined) {
    const left = await listing.keysOf(stem, output, { limits, signal })
    for (const key of before) if (left?.has(key) !== true) gone.add(key)
  }
  return (row) => {
    const key = keyOf(row)
    // A row without a key may be about any sample.
    return key === undefined ? gone.size === 0 : !gone.has(key)
  }
}

/** The key of the sample that a file of a folder belongs to: its name up to the first dot. */
export function keyOfFile(path: Buffer): string {
  const name = path.toString("utf8", path.lastIndexOf(0x2f) + 1)
  const dot = name.indexOf(".")
  return dot === -1 ? name : name.slice(0, dot)
}
