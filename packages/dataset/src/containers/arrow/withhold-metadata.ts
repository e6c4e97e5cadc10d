/**
 * Takes key-value metadata out of messages and footers, in place.
 * @module
 */
import { unsafe } from "./errors.ts"
import { FlatTable } from "./flatbuffer.ts"
import { FOOTER_KEY_VALUES, FOOTER_SCHEMA } from "./footer.ts"
import { keyValuesOf, MESSAGE, MESSAGE_KEY_VALUES } from "./message.ts"
import { areSameSchemas, FIELD_KEY_VALUES, readSchema, SCHEMA_KEY_VALUES } from "./schema.ts"

/** A copy of a message's metadata without key-value metadata. @throws {ShardError} `shard_unsafe` if more would change. */
export function messageWithoutKeyValues(metadata: Uint8Array, maxFields: number): Uint8Array {
  const copy = Buffer.from(metadata)
  const root = FlatTable.root(copy)
  empty(root, MESSAGE_KEY_VALUES)
  const header = root.uint8(1) === MESSAGE.schema ? root.table(2) : undefined
  if (header !== undefined) emptySchema(header, FlatTable.root(metadata).table(2), maxFields)
  if (keyValuesOf(root, MESSAGE_KEY_VALUES).length > 0) throw changed()
  return copy
}

/** A copy of a footer without key-value metadata. @throws {ShardError} as {@link messageWithoutKeyValues}. */
export function footerWithoutKeyValues(bytes: Uint8Array, maxFields: number): Uint8Array {
  const copy = Buffer.from(bytes)
  const root = FlatTable.root(copy)
  empty(root, FOOTER_KEY_VALUES)
  const schema = root.table(FOOTER_SCHEMA)
  if (schema === undefined) throw changed()
  emptySchema(schema, FlatTable.root(bytes).table(FOOTER_SCHEMA), maxFields)
  return copy
}

/** Texts may share their bytes with others, such as a column's name: then these changed too. */
function emptySchema(schema: FlatTable, before: FlatTable | undefined, maxFields: number): void {
  const emptyFields = (parent: FlatTable, id: number): void => {
    const vector = parent.vector(id, 4)
    for (let index = 0; vector !== undefined && index < vector.count; index++) {
      const field = parent.element(vector, index)
      empty(field, FIELD_KEY_VALUES)
      emptyFields(field, 5)
    }
  }
  empty(schema, SCHEMA_KEY_VALUES)
  emptyFields(schema, 1)
  const written = readSchema(schema, maxFields)
  if (before === undefined || written.keyValues.length > 0) throw changed()
  if (!areSameSchemas(written, { ...readSchema(before, maxFields), keyValues: [] })) throw changed()
}

function empty(table: FlatTable, id: number): void {
  const { view } = table
  const vector = table.vector(id, 4)
  if (vector === undefined) return
  for (let index = 0; index < vector.count; index++) {
    const pair = table.element(vector, index)
    for (const text of [pair.string(0), pair.string(1)]) {
      if (text !== undefined) new Uint8Array(view.buffer, view.byteOffset + text.start, text.count).fill(0)
    }
  }
  view.setUint32(vector.start - 4, 0, true)
}

const changed = () => unsafe("has metadata that cannot be taken out of it")
