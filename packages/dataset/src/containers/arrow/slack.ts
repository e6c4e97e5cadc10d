/**
 * Bytes of metadata that belong to nothing: nobody reads them, so nobody screened them.
 * @module
 */
import type { KeyValue } from "../rows/row-samples.ts"
import type { FlatTable } from "./flatbuffer.ts"
import { keyValuesOf, MESSAGE, MESSAGE_KEY_VALUES, type Message } from "./message.ts"

/** What a table, its offsets and padding may take, generously. */
const TABLE_BYTES = 256
const PAIR_BYTES = 64

/** Whether a message's metadata is longer than what it says could take. */
export function hasSlack({ kind, root, header, metadata }: Message): boolean {
  const own = TABLE_BYTES + pairsBytes(keyValuesOf(root, MESSAGE_KEY_VALUES))
  const table = kind === MESSAGE.dictionary ? header.table(1) : header
  const content = kind === MESSAGE.schema ? schemaBytes(header) : batchBytes(table)
  return metadata.length > own + content
}

/** The same for a footer. */
export function footerHasSlack({
  bytes,
  schema,
  blocks,
  keyValues,
}: {
  readonly bytes: Uint8Array
  readonly schema: FlatTable
  readonly blocks: readonly unknown[]
  readonly keyValues: readonly KeyValue[]
}): boolean {
  return bytes.length > TABLE_BYTES + schemaBytes(schema) + 24 * blocks.length + pairsBytes(keyValues)
}

function batchBytes(table: FlatTable | undefined): number {
  const counts = [table?.vector(1, 16)?.count ?? 0, table?.vector(2, 16)?.count ?? 0, table?.vector(4, 8)?.count ?? 0]
  return TABLE_BYTES * 2 + counts.reduce((sum, count) => sum + 16 * count, 0)
}

function schemaBytes(schema: FlatTable): number {
  const fieldsBytes = (parent: FlatTable, id: number): number => {
    const vector = parent.vector(id, 4)
    let sum = 0
    for (let index = 0; index < (vector?.count ?? 0) && vector !== undefined; index++) {
      const field = parent.element(vector, index)
      // A name, a zone of time or the ids of a union, and the tables of the type and of the dictionary.
      sum += TABLE_BYTES * 2 + (field.string(0)?.count ?? 0) + typeBytes(field) + pairsBytes(keyValuesOf(field, 6))
      sum += fieldsBytes(field, 5)
    }
    return sum
  }
  return TABLE_BYTES + fieldsBytes(schema, 1) + pairsBytes(keyValuesOf(schema, 2))
}

const TIMESTAMP = 10
const UNION = 14

function typeBytes(field: FlatTable): number {
  const type = field.table(3)
  if (field.uint8(2) === TIMESTAMP) return type?.string(1)?.count ?? 0
  return field.uint8(2) === UNION ? 4 * (type?.vector(1, 4)?.count ?? 0) : 0
}

function pairsBytes(pairs: readonly KeyValue[]): number {
  return pairs.reduce((sum, { key, value }) => {
    return sum + PAIR_BYTES + Buffer.byteLength(key) + Buffer.byteLength(value)
  }, 0)
}
