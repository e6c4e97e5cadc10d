/**
 * Writes a Parquet file without the dropped rows.
 * @module
 */
import { ShardError } from "@nightlight/core"
import type { TableRows } from "../container.ts"
import type { CopyMode, ShardDecision } from "../decision.ts"
import type { Sink } from "../sink.ts"
import { copyChunk, copyRange } from "./copy-range.ts"
import { findParts, isTight } from "./parts.ts"
import { rewrittenFile } from "./rewrite.ts"
import type { RowFilter } from "./row-filter.ts"
import type { ParquetFile } from "./rows.ts"
import { type Survey, surveyFile } from "./survey.ts"

/** What was written. */
export interface WrittenRows {
  readonly rows: TableRows
  /** Clear rows whose subject is not in the copy, and their items. */
  readonly leftOutRows: number
  readonly leftOutItems: number
}

/** A copy to be written. */
export interface ParquetCopy {
  readonly decision: ShardDecision
  readonly mode: CopyMode
  readonly sink: Sink
  /** Whether a row's subject is in the copy; absent: every row's is. */
  readonly staysInCopy?: RowFilter
  /** Where the file was read by columns: what stays. */
  readonly survey?: Survey
}

/**
 * Writes a file's kept rows. Row groups that lose nothing are copied as they are; the others are written again with
 * plain pages in the column's own compression. Where nothing is dropped and all of the source is accounted for, it is
 * copied byte for byte.
 *
 * @returns how many rows the source and the copy have.
 * @throws {DependencyError} `source_changed` if a kept row is not what was screened.
 * @throws {ShardError} as `readGroupRows`; `shard_unsafe` where a purge would have to rewrite what is encrypted or signed.
 */
export async function writeParquet(
  file: ParquetFile,
  { decision, mode, sink, staysInCopy = () => true, survey: known }: ParquetCopy,
  signal: AbortSignal,
): Promise<WrittenRows> {
  const survey = known ?? (await surveyFile(file, { kept: decision.kept, staysInCopy }, signal))
  const droppedRows = survey.groups.reduce((sum, group) => sum + group.droppedRows, 0)
  const { leftOutRows, leftOutItems } = survey
  const rows = { read: file.footer.rows, written: file.footer.rows - droppedRows }
  const result: WrittenRows = { rows, leftOutRows, leftOutItems }
  const isWhole = survey.keepsMetadata && droppedRows === 0
  const hasUnused = mode === "clean" && survey.groups.some((group) => group.hasUnused)
  if (isWhole && !hasUnused && (mode === "purge" || (await isTight(file)))) {
    await sink(wholeFile(file, survey))
    return result
  }
  if (mode === "purge" && file.footer.metadata.fields.has(8)) {
    throw new ShardError("shard_unsafe", "a Parquet file with encrypted columns cannot be rewritten without its keys")
  }
  await sink(rewrittenFile(file, { survey, mode }))
  return result
}

/** Copies the file, and compares the bytes of its columns with those whose rows were read. */
async function* wholeFile(file: ParquetFile, { groups }: Survey): AsyncGenerator<Uint8Array, void> {
  const { source } = file
  let position = 0
  for (const part of findParts(file)) {
    if (part.kind !== "chunk") continue
    yield* copyRange(file, position, part.start)
    yield* copyChunk(file, part, groups[part.group]?.digests[part.column])
    position = part.end
  }
  yield* copyRange(file, position, source.sizeBytes)
}
