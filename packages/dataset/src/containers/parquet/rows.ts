/**
 * Reads the rows of a Parquet file, row group by row group, holding one page of each column.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import type { RandomSource } from "../../readers/source.ts"
import type { Budget } from "../rows/budget.ts"
import type { TableRow } from "../rows/row-samples.ts"
import { RowAssembler } from "./assemble.ts"
import { ColumnReader } from "./column.ts"
import type { ParquetFooter, RowGroup } from "./footer.ts"
import { malformed } from "./malformed.ts"
import { RowEntries } from "./row-entries.ts"
import type { Schema, SchemaNode } from "./schema.ts"

/** A file whose rows are read. */
export interface ParquetFile {
  readonly source: RandomSource
  readonly footer: ParquetFooter
  readonly budget: Budget
}

/** What is known of a row group once all of it was read. */
export interface GroupFacts {
  /** SHA-256 of each column's bytes; empty where they were not digested. */
  readonly digests: readonly string[]
  /** Whether a dictionary has values that no row uses. */
  readonly hasUnused: boolean
}

/** Choices of {@link readGroupRows}. */
export interface RowChoices {
  /** Position of the group's first row in the file. */
  readonly firstRow: number
  readonly isDigested: boolean
  /** Positions in the group of the rows that are assembled; absent: all. */
  readonly wanted?: ReadonlySet<number>
  readonly signal?: AbortSignal
}

/** Rows that are read before other work may run. */
const YIELD_ROWS = 512

/**
 * Reads the rows of a group.
 *
 * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_limit`
 */
export async function* readGroupRows(
  { source, footer: { schema }, budget }: ParquetFile,
  group: RowGroup,
  { firstRow, isDigested, wanted, signal }: RowChoices,
): AsyncGenerator<TableRow, GroupFacts> {
  try {
    const { readable, encrypted } = readableColumns(schema, group)
    const leaves = readable.flatMap(({ firstLeaf, endLeaf }) => schema.leaves.slice(firstLeaf, endLeaf))
    const columns = leaves.map((node) => {
      const chunk = group.chunks[node.leaf.index]
      if (chunk === undefined) throw malformed()
      const isFlat = node.repetition === 0
      const keepsOffsets = node.leaf.content === "bytes"
      const reader = new ColumnReader(source, { node, chunk }, { budget, isDigested })
      return { index: node.leaf.index, isFlat, keepsOffsets, reader, entries: new RowEntries() }
    })
    const entries: RowEntries[] = []
    for (const column of columns) entries[column.index] = column.entries
    const assembler = new RowAssembler(readable, entries, budget.limits)
    for (let row = 0; row < group.rows; row++) {
      if (row % YIELD_ROWS === YIELD_ROWS - 1) {
        await nextTurn()
        signal?.throwIfAborted()
      }
      for (const { entries: own, reader, isFlat, keepsOffsets } of columns) await own.read(reader, isFlat, keepsOffsets)
      if (wanted?.has(row) === false) continue
      yield { ...assembler.next(), index: firstRow + row, encrypted }
    }
    const facts = columns.map(({ reader }) => reader.finish())
    return { digests: facts.map(({ sha256 }) => sha256), hasUnused: facts.some(({ hasUnused }) => hasUnused) }
  } catch (error) {
    // A stack that overflows, a length that no array has: the bytes are at fault.
    if (error instanceof RangeError) throw malformed()
    throw error
  }
}

function readableColumns(
  { columns }: Schema,
  { chunks }: RowGroup,
): { readonly readable: readonly SchemaNode[]; readonly encrypted: readonly string[] } {
  const isEncrypted = ({ firstLeaf, endLeaf }: SchemaNode) =>
    chunks.slice(firstLeaf, endLeaf).some((chunk) => chunk.isEncrypted)
  return {
    readable: columns.filter((column) => !isEncrypted(column)),
    encrypted: columns.filter(isEncrypted).map(({ name }) => name),
  }
}
