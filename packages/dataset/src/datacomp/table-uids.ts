/**
 * Reads the ids of a DataComp pool's table, which has one in each row.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { RequestError } from "@nightlight/core"
import { ColumnReader } from "../containers/parquet/column.ts"
import type { RowGroup } from "../containers/parquet/footer.ts"
import { malformed } from "../containers/parquet/malformed.ts"
import type { ParquetFile } from "../containers/parquet/rows.ts"
import { PHYSICAL, type SchemaNode } from "../containers/parquet/schema.ts"
import { readUid } from "./uid.ts"
import type { UidSorter } from "./uid-sorter.ts"

const YIELD_ROWS = 2 ** 16

/** The column of ids: a flat one of texts or bytes with their name. */
export function uidColumnOf({ footer: { schema } }: Pick<ParquetFile, "footer">) {
  return schema.leaves.find((node) => isUidColumn(node, schema.columns))
}

function isUidColumn(
  node: SchemaNode & { readonly leaf: { readonly physical: number } },
  columns: readonly SchemaNode[],
) {
  const { name, repetition, leaf } = node
  return name === "uid" && repetition === 0 && columns.includes(node) && leaf.physical === PHYSICAL.bytes
}

/** The table that is read. */
export interface UidTable {
  readonly file: ParquetFile
  readonly column: NonNullable<ReturnType<typeof uidColumnOf>>
  /** As the operator knows it. */
  readonly path: string
  /** Positions of rows that were withheld. */
  readonly withheld: ReadonlySet<number>
  /** Called with how many rows were read since the last call. */
  readonly onRows: (rows: number) => void
}

/** Where ids go. */
export interface SortedBy {
  readonly kept: UidSorter
  readonly removed: UidSorter
}

/**
 * Adds the id of each row to those that are kept, or to those that are removed.
 *
 * @throws {RequestError} `input_invalid` where a row has none.
 * @throws {ShardError} as `ColumnReader`.
 */
export async function readTableUids(
  { file, column, path, withheld, onRows }: UidTable,
  to: SortedBy,
  signal: AbortSignal,
) {
  let row = 0
  for (let index = 0; index < file.footer.groupCount; index++) {
    const reader = openColumn(file, column, file.footer.group(index))
    while (!reader.isDone) {
      if (!reader.isReady) await reader.load()
      reader.next()
      const sorter = withheld.has(row) ? to.removed : to.kept
      if (sorter.isFull) await sorter.flush()
      if (!reader.hasValue || !readUid(reader, sorter.words, sorter.at)) throw withoutUid(path, row)
      sorter.added()
      row++
      if (row % YIELD_ROWS > 0) continue
      onRows(YIELD_ROWS)
      signal.throwIfAborted()
      await nextTurn()
    }
    reader.finish()
  }
  if (row % YIELD_ROWS > 0) onRows(row % YIELD_ROWS)
}

function openColumn({ source, budget }: ParquetFile, node: UidTable["column"], { chunks }: RowGroup): ColumnReader {
  const chunk = chunks[node.leaf.index]
  if (chunk === undefined || chunk.isEncrypted) throw malformed()
  return new ColumnReader(source, { node, chunk }, { budget, isDigested: false })
}

function withoutUid(path: string, row: number): RequestError {
  return new RequestError("input_invalid", `row ${row} of ${path} has no uid of up to 32 hexadecimal digits`, {
    hint: "Rows are counted from 0. DataComp's lists can only name rows that have a uid.",
  })
}
