/**
 * The footer of the file format: the schema again, and where the messages are.
 *
 * Source: Apache Arrow, `File.fbs` and `Columnar.rst` (IPC file format).
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import type { KeyValue } from "../rows/row-samples.ts"
import { malformed, tooLarge } from "./errors.ts"
import { FlatTable, sizeAt } from "./flatbuffer.ts"
import { keyValuesOf, MESSAGE, readExactly } from "./message.ts"
import { footerHasSlack } from "./slack.ts"

/** The bytes that the file format begins and ends with. */
export const MAGIC = Buffer.from("ARROW1")
/** Length of the footer, and the magic bytes behind it. */
export const TAIL_BYTES = 4 + MAGIC.length

const MAX_FOOTER_BYTES = 128 * 2 ** 20
const BLOCK_BYTES = 24

/** Where a footer says that a message is. */
export interface Block {
  readonly kind: number
  readonly start: number
  /** With the prefix. */
  readonly metadataBytes: number
  readonly bodyBytes: number
  /** Offset of the block in the footer. */
  readonly place: number
}

/** A footer. */
export interface Footer {
  readonly bytes: Uint8Array
  /** Offset in the file. */
  readonly start: number
  readonly table: FlatTable
  readonly schema: FlatTable
  /** In the order of their messages. */
  readonly blocks: readonly Block[]
  readonly keyValues: readonly KeyValue[]
  /** Whether it has bytes that belong to nothing. */
  readonly hasSlack: boolean
}

/** Fields of a footer's table. */
export const FOOTER_SCHEMA = 1
export const FOOTER_KEY_VALUES = 4

/** Reads a file's footer. @throws {ShardError} `shard_malformed`, `shard_limit` */
export async function readFooter(source: RandomSource): Promise<Footer> {
  const { sizeBytes } = source
  if (sizeBytes < MAGIC.length + TAIL_BYTES) throw malformed()
  const tail = Buffer.from(await source.read(sizeBytes - TAIL_BYTES, TAIL_BYTES))
  if (!tail.subarray(4).equals(MAGIC)) throw malformed()
  const length = tail.readInt32LE(0)
  const start = sizeBytes - TAIL_BYTES - length
  if (length <= 0 || start < MAGIC.length) throw malformed()
  if (length > MAX_FOOTER_BYTES) throw tooLarge("a longer footer")
  return parseFooter(await readExactly(source, start, length), start)
}

/** Reads a footer's bytes. @throws {ShardError} `shard_malformed` */
export function parseFooter(bytes: Uint8Array, start: number): Footer {
  const table = FlatTable.root(bytes)
  const schema = table.table(FOOTER_SCHEMA)
  if (schema === undefined) throw malformed()
  const dictionaries = blocksOf(table, 2, MESSAGE.dictionary)
  const batches = blocksOf(table, 3, MESSAGE.batch)
  // Rows are read in the order of the footer, and written in that of the file.
  if (batches.some(({ start: own }, index) => own < (batches[index - 1]?.start ?? 0))) throw malformed()
  const blocks = [...dictionaries, ...batches].toSorted((a, b) => a.start - b.start)
  const keyValues = keyValuesOf(table, FOOTER_KEY_VALUES)
  const about = { bytes, start, table, schema, blocks, keyValues }
  return { ...about, hasSlack: footerHasSlack(about) }
}

function blocksOf(table: FlatTable, id: number, kind: number): readonly Block[] {
  const { view } = table
  const vector = table.vector(id, BLOCK_BYTES)
  return Array.from({ length: vector?.count ?? 0 }, (_, index) => {
    const place = (vector?.start ?? 0) + BLOCK_BYTES * index
    return {
      kind,
      start: sizeAt(view, place),
      metadataBytes: view.getInt32(place + 8, true),
      bodyBytes: sizeAt(view, place + 16),
      place,
    }
  })
}
