/**
 * Reads a whole file again before it is copied: which rows stay, and whether they are what was screened.
 * @module
 */
import { createHash } from "node:crypto"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { KeptItem } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import type { RowFilter } from "./row-filter.ts"
import { type GroupFacts, type ParquetFile, type ParquetRow, readGroupRows } from "./rows.ts"
import { countItems, metadataBytes } from "./samples.ts"

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
  let position = 0
  const take = (count: number): readonly KeptItem[] | undefined => {
    const items = kept.slice(position, position + count)
    if (items.length < count) throw sourceChanged()
    position += count
    return items.every((item) => item !== undefined) ? items : undefined
  }
  const metadata = metadataBytes(footer.keyValues)
  const metadataItem = metadata === undefined ? undefined : take(1)?.[0]
  if (metadata !== undefined && metadataItem !== undefined) verify(metadata, metadataItem)
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
      const items = take(countItems(next.value))
      if (items !== undefined) {
        verifyRow(next.value, items)
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
  if (position !== kept.length) throw sourceChanged()
  return { keepsMetadata: metadata === undefined || metadataItem !== undefined, groups, leftOutRows, leftOutItems }
}

function verifyRow({ cells, json }: ParquetRow, items: readonly KeptItem[]): void {
  for (const [index, { bytes }] of cells.entries()) verify(bytes, items[index])
  if (json !== undefined) verify(Buffer.from(json), items.at(-1))
}

function verify(bytes: Uint8Array, item: KeptItem | undefined): void {
  if (item?.sha256 === undefined) return
  if (createHash("sha256").update(bytes).digest("hex") !== item.sha256) throw sourceChanged()
}
