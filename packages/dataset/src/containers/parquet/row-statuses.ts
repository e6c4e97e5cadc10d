/**
 * Counts the rows of img2dataset's table by what became of their download.
 *
 * Source: img2dataset, `downloader.py`: the column `status` is `success`, `failed_to_download` or `failed_to_resize`, and
 * `error_message` says why a download failed.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { Budget } from "../rows/budget.ts"
import { ColumnReader } from "./column.ts"
import { type ParquetFooter, type RowGroup, readFooter } from "./footer.ts"
import { malformed, PARQUET } from "./malformed.ts"
import { PHYSICAL } from "./schema.ts"

/** Rows of a table by their outcome. */
export interface RowStatuses {
  readonly rows: number
  /** By status; undefined where the table has no such column. */
  readonly statuses: ReadonlyMap<string, number> | undefined
  /** By error message, of those that were asked for; undefined where the table has no such column. */
  readonly messages: ReadonlyMap<string, number> | undefined
}

/** Different statuses that are counted; img2dataset and video2dataset have four at most. */
const MAX_STATUSES = 64
/** Longest text in bytes that is compared; no status and no asked message is longer. */
const MAX_TEXT_BYTES = 2 ** 16
const YIELD_ROWS = 2 ** 12

/**
 * Reads the two columns, and no others.
 *
 * @param wanted - Error messages that are counted.
 * @throws {ShardError} as `ColumnReader`.
 */
export async function readRowStatuses(
  source: RandomSource,
  wanted: ReadonlySet<string>,
  { limits, signal }: { readonly limits: ReaderLimits; readonly signal: AbortSignal },
): Promise<RowStatuses> {
  const footer = await readFooter(source, limits)
  const read = (name: string, isCounted: (text: string, counts: ReadonlyMap<string, number>) => boolean) =>
    countTexts({ source, footer, limits }, { name, isCounted }, signal)
  const statuses = await read("status", (text, counts) => counts.has(text) || counts.size < MAX_STATUSES)
  const messages = await read("error_message", (text) => wanted.has(text))
  return { rows: footer.rows, statuses, messages }
}

async function countTexts(
  { source, footer, limits }: { readonly source: RandomSource; readonly footer: ParquetFooter; limits: ReaderLimits },
  column: {
    readonly name: string
    readonly isCounted: (text: string, counts: ReadonlyMap<string, number>) => boolean
  },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number> | undefined> {
  const node = columnOf(footer, column.name)
  if (node === undefined) return undefined
  const counts = new Map<string, number>()
  const budget = new Budget(limits, source.sizeBytes, PARQUET)
  let rows = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const reader = new ColumnReader(
      source,
      { node, chunk: chunkOf(footer.group(index), node.leaf.index) },
      { budget, isDigested: false },
    )
    while (!reader.isDone) {
      if (++rows % YIELD_ROWS === 0) await nextTurn()
      signal.throwIfAborted()
      if (!reader.isReady) await reader.load()
      reader.next()
      if (!reader.hasValue || reader.length > MAX_TEXT_BYTES) continue
      const { bytes, start, length } = reader
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("utf8")
      if (column.isCounted(text, counts)) counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    reader.finish()
  }
  return counts
}

/** A column without lists, of texts. */
function columnOf({ schema }: ParquetFooter, name: string) {
  return schema.leaves.find(
    (node) =>
      node.name === name &&
      node.repetition === 0 &&
      schema.columns.includes(node) &&
      node.leaf.physical === PHYSICAL.bytes,
  )
}

function chunkOf({ chunks }: RowGroup, leaf: number): RowGroup["chunks"][number] {
  const chunk = chunks[leaf]
  if (chunk === undefined || chunk.isEncrypted) throw malformed()
  return chunk
}
