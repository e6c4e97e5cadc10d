/**
 * Reads a whole file again before it is copied: which rows stay, and whether they are what was screened.
 * @module
 */
import type { KeptItem } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import { KeptRows } from "../rows/kept-rows.ts"
import { metadataBytes } from "../rows/row-samples.ts"
import type { RowFilter } from "./row-filter.ts"
import { type GroupFacts, type ParquetFile, readGroupRows } from "./rows.ts"

/** What a copy keeps of a file. */
export interface Survey {
  readonly keepsMetadata: boolean
  readonly groups: readonly SurveyedGroup[]
  /** Clear rows whose subject is not in the copy, and their items. */
  readonly leftOutRows: number
  readonly leftOutItems: number
}

/** What a copy keeps of a row group. */
export interface SurveyedGroup extends GroupFacts {
  /** 1 for each row that is dropped. */
  readonly dropped: Uint8Array
  readonly droppedRows: number
}

/**
 * Reads every row and compares those that are kept with what was screened.
 *
 * @throws {DependencyError} `source_changed`
 * @throws {ShardError} as `readGroupRows`.
 */
export async function surveyFile(
  file: ParquetFile,
  { kept, staysInCopy }: { readonly kept: readonly (KeptItem | undefined)[]; readonly staysInCopy: RowFilter },
  signal: AbortSignal,
): Promise<Survey> {
  const { footer } = file
  const keptRows = new KeptRows(kept)
  const keepsMetadata = keptRows.takeMetadata(metadataBytes(footer.keyValues))
  const groups: SurveyedGroup[] = []
  let firstRow = 0
  let leftOutRows = 0
  let leftOutItems = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    const dropped = new Uint8Array(group.rows)
    let droppedRows = 0
    const rows = readGroupRows(file, group, { firstRow, isDigested: true })
    let next = await rows.next()
    for (; next.done !== true; next = await rows.next()) {
      await yieldEvery512(next.value.index)
      signal.throwIfAborted()
      const items = keptRows.take(next.value)
      if (items !== undefined) {
        if (staysInCopy(next.value)) continue
        leftOutRows++
        leftOutItems += items.length
      }
      dropped[next.value.index - firstRow] = 1
      droppedRows++
    }
    groups.push({ ...next.value, dropped, droppedRows })
    firstRow += group.rows
  }
  keptRows.finish()
  return { keepsMetadata, groups, leftOutRows, leftOutItems }
}
