/**
 * Rows of an Arrow file, one record batch after another, and values of dictionaries that no row has.
 * @module
 */
import { createHash } from "node:crypto"
import { RowBuilder } from "../rows/row-builder.ts"
import type { TableRow } from "../rows/row-samples.ts"
import { readBatchHeader } from "./batch.ts"
import type { Column } from "./columns/column.ts"
import { Dictionary, type DictionaryPart } from "./columns/dictionary.ts"
import { malformed } from "./errors.ts"
import { type ArrowFile, endOf } from "./file.ts"
import { MESSAGE, type Message, type MessagePlace, parseMessage, readExactly, readMetadata } from "./message.ts"
import { type OpenBatch, openBatch, ReadState } from "./open-batch.ts"

/** What is read of a file: the rows of a batch, then the batch itself. */
export type ReadPart =
  | { readonly kind: "row"; readonly position: number; readonly row: TableRow }
  | { readonly kind: "batch"; readonly loaded: LoadedMessage; readonly opened: OpenBatch }
  | {
      readonly kind: "dictionary"
      readonly loaded: LoadedMessage
      readonly opened: OpenBatch
      readonly part: DictionaryPart
    }
  /** A value of a dictionary that no row has. Its name is such as `dictionary 0 value 17`. */
  | { readonly kind: "value"; readonly name: string; readonly row: TableRow }

/** A message with its body. */
export interface LoadedMessage {
  /** Position among the file's messages. */
  readonly index: number
  readonly message: Message
  readonly body: Uint8Array
  /** SHA-256 of all its bytes. */
  readonly sha256: string
}

/**
 * Reads a message that was found before. Its body is held in the budget until the caller releases it.
 *
 * @throws {ShardError} `shard_malformed`, `shard_limit`
 */
export async function loadMessage({ source, budget, messages }: ArrowFile, index: number): Promise<LoadedMessage> {
  const place = messages[index]
  if (place === undefined) throw malformed()
  const { start, prefixBytes, metadataBytes } = place
  const metadata = await readMetadata(source, start + prefixBytes, metadataBytes)
  const message = parseMessage(metadata, { start, prefixBytes, end: endOf(place) })
  if (message.bodyBytes !== place.bodyBytes || message.kind !== place.kind) throw malformed()
  budget.hold(place.bodyBytes)
  const body = await readExactly(source, place.bodyStart, place.bodyBytes)
  const prefix = await readExactly(source, place.start, place.prefixBytes)
  const hash = createHash("sha256").update(prefix).update(message.metadata).update(body)
  return { index, message, body, sha256: hash.digest("hex") }
}

/**
 * Reads a file's rows. Each batch comes behind its rows, and is in memory until the next part is asked for; the values
 * of a dictionary that no row has come when it ends.
 *
 * @param isKept - Called after each row and value: whether it stays, so that the values it has of dictionaries do.
 * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_limit`
 */
export async function* readParts(file: ArrowFile, isKept: () => boolean): AsyncGenerator<ReadPart, void> {
  try {
    yield* read(file, isKept)
  } catch (error) {
    // A stack that overflows, a length that no array has: the bytes are at fault.
    if (error instanceof RangeError) throw malformed()
    throw error
  }
}

async function* read(file: ArrowFile, isKept: () => boolean): AsyncGenerator<ReadPart, void> {
  const { budget, schema } = file
  const building = { state: new ReadState(budget), builder: new RowBuilder(budget.limits) }
  const { state } = building
  let firstRow = 0
  for (const [index, place] of inReadingOrder(file)) {
    const loaded = await loadMessage(file, index)
    const header = readBatchHeader(loaded.message)
    const body = { bytes: loaded.body, offset: place.bodyStart }
    if (header.dictionary !== undefined) {
      const { id, isDelta } = header.dictionary
      const field = schema.dictionaries.get(id)
      const known = state.dictionaries.get(id)
      // In the file format, each dictionary is one for all batches.
      if (field === undefined || (known !== undefined && !isDelta && file.footer !== undefined)) throw malformed()
      const grown = isDelta ? known : undefined
      if (known !== undefined && grown === undefined) yield* unusedValues(id, building, isKept)
      const opened = openBatch(header, body, [field], state)
      const dictionary = grown ?? new Dictionary()
      const part = dictionary.add(opened, () => {
        opened.release()
        budget.release(place.bodyBytes)
      })
      if (grown === undefined) known?.release()
      state.dictionaries.set(id, dictionary)
      yield { kind: "dictionary", loaded, opened, part }
      continue
    }
    const opened = openBatch(header, body, schema.fields, state)
    for (let position = 0; position < header.rows; position++) {
      const row = buildRow(opened.columns, { index: firstRow + position, position }, building)
      yield { kind: "row", position, row }
      state.uses.take(isKept())
    }
    yield { kind: "batch", loaded, opened }
    firstRow += header.rows
    opened.release()
    budget.release(place.bodyBytes)
  }
  // A dictionary may have values of another one, which comes before it.
  for (const id of [...state.dictionaries.keys()].reverse()) yield* unusedValues(id, building, isKept)
}

/** In the file format, dictionaries are read first, wherever they are. */
function inReadingOrder({ footer, messages }: ArrowFile): readonly (readonly [number, MessagePlace])[] {
  const entries = [...messages.entries()].filter(([, { kind }]) => kind !== MESSAGE.schema)
  if (footer === undefined) return entries
  const isDictionary = ([, { kind }]: readonly [number, MessagePlace]) => kind === MESSAGE.dictionary
  return [...entries.filter(isDictionary), ...entries.filter((entry) => !isDictionary(entry))]
}

interface Building {
  readonly state: ReadState
  readonly builder: RowBuilder
}

function buildRow(
  columns: readonly Column[],
  { index, position }: { readonly index: number; readonly position: number },
  { state, builder }: Building,
): TableRow {
  state.cost.beginRow()
  builder.begin()
  builder.fields(columns, (column) => column.write(builder, position))
  return { ...builder.finish(), index, encrypted: [] }
}

async function* unusedValues(id: bigint, building: Building, isKept: () => boolean): AsyncGenerator<ReadPart, void> {
  const { state } = building
  for (const part of state.dictionaries.get(id)?.parts ?? []) {
    for (let position = 0; position < part.values.length; position++) {
      if (part.uses[position] !== 0 || part.values.isNull(position)) continue
      const index = part.start + position
      state.uses.add(part, position)
      yield {
        kind: "value",
        name: `dictionary ${id} value ${index}`,
        row: buildRow([part.values], { index, position }, building),
      }
      state.uses.take(isKept())
    }
  }
}
