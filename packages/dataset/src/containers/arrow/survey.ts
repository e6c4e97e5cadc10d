/**
 * Reads a whole file again before it is copied: which rows stay, and whether they are what was screened.
 * @module
 */
import type { KeptItem } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import { KeptRows } from "../rows/kept-rows.ts"
import { metadataBytes } from "../rows/row-samples.ts"
import { USE } from "./columns/dictionary.ts"
import { allOf } from "./columns/spans.ts"
import type { ArrowFile } from "./file.ts"
import { MESSAGE } from "./message.ts"
import type { OpenBatch } from "./open-batch.ts"
import { areSameParts, rebuildParts } from "./rebuild.ts"
import { type LoadedMessage, loadMessage, readParts } from "./rows.ts"

/** What a copy keeps of a file. */
export interface Survey {
  readonly keepsMetadata: boolean
  /** By position of the message. */
  readonly messages: readonly SurveyedMessage[]
  readonly droppedRows: number
}

/** What a copy keeps of a message. */
export interface SurveyedMessage {
  /** Of its bytes. */
  readonly sha256: string
  /** Whether it has only what readers see of it. */
  readonly isExact: boolean
  /** 1 for each row that is dropped, or value of a dictionary that is emptied; absent where none is. */
  readonly dropped?: Uint8Array
}

/**
 * Reads every row and compares those that are kept with what was screened.
 *
 * @throws {DependencyError} `source_changed`
 * @throws {ShardError} as `readParts`.
 */
export async function surveyFile(
  file: ArrowFile,
  kept: readonly (KeptItem | undefined)[],
  signal: AbortSignal,
): Promise<Survey> {
  const keptRows = new KeptRows(kept)
  const keepsMetadata = keptRows.takeMetadata(metadataBytes(file.keyValues))
  const messages: SurveyedMessage[] = []
  if (file.messages[0]?.kind === MESSAGE.schema) {
    messages[0] = { sha256: (await loadMessage(file, 0)).sha256, isExact: true }
  }
  const dictionaries: { readonly index: number; readonly uses: Uint8Array }[] = []
  let isKept = true
  let positions: number[] = []
  let droppedRows = 0
  const note = ({ index, sha256 }: LoadedMessage, opened: OpenBatch, dropped: readonly number[]): void => {
    const isExact = areSameParts(opened, rebuildParts(opened.columns, allOf(opened.rows)))
    const about = { sha256, isExact }
    messages[index] = dropped.length === 0 ? about : { ...about, dropped: marksOf(dropped, opened.rows) }
  }
  let count = 0
  for await (const part of readParts(file, () => isKept)) {
    await yieldEvery512(count++)
    signal.throwIfAborted()
    if (part.kind === "row" || part.kind === "value") {
      isKept = keptRows.take(part.row) !== undefined
      if (part.kind === "row" && !isKept) positions.push(part.position)
    } else if (part.kind === "batch") {
      note(part.loaded, part.opened, positions)
      droppedRows += positions.length
      positions = []
    } else {
      note(part.loaded, part.opened, [])
      dictionaries.push({ index: part.loaded.index, uses: part.part.uses })
    }
  }
  keptRows.finish()
  for (const { index, uses } of dictionaries) {
    const before = messages[index]
    const dropped = uses.map((use) => (use === USE.seen ? 1 : 0))
    if (before !== undefined && dropped.includes(1)) messages[index] = { ...before, dropped }
  }
  return { keepsMetadata, messages, droppedRows }
}

function marksOf(positions: readonly number[], length: number): Uint8Array {
  const marks = new Uint8Array(length)
  for (const position of positions) marks[position] = 1
  return marks
}
