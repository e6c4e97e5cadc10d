/**
 * A schema as a tree of fields, each with the layout of its values.
 *
 * Source: Apache Arrow, `Schema.fbs` and `Columnar.rst`.
 * @module
 */
import type { KeyValue } from "../rows/row-samples.ts"
import { malformed, tooLarge, unsafe } from "./errors.ts"
import type { FlatTable } from "./flatbuffer.ts"
import { keyValuesOf } from "./message.ts"

/** How values are shown in a row's JSON. */
export type ScalarContent = "boolean" | "signed" | "unsigned" | "float" | "hex"

/** How a field's values are stored. */
export type Layout =
  | { readonly kind: "null" }
  | { readonly kind: "scalar"; readonly widthBits: number; readonly content: ScalarContent }
  | { readonly kind: "fixed"; readonly widthBytes: number }
  | { readonly kind: "bytes"; readonly isText: boolean; readonly offsetBytes: 4 | 8 }
  | { readonly kind: "view"; readonly isText: boolean }
  | { readonly kind: "list"; readonly offsetBytes: 4 | 8 }
  | { readonly kind: "list-view"; readonly offsetBytes: 4 | 8 }
  | { readonly kind: "fixed-list"; readonly size: number }
  | { readonly kind: "struct" }
  | { readonly kind: "union"; readonly isDense: boolean; readonly typeIds: readonly number[] }
  | { readonly kind: "run-end" }

/** A column, or a field of one. */
export interface Field {
  readonly name: string
  readonly layout: Layout
  readonly children: readonly Field[]
  /** Where its values are in a dictionary, and the columns hold indexes of this layout. */
  readonly dictionary?: { readonly id: bigint; readonly index: Layout & { readonly kind: "scalar" } }
}

/** The columns of a file. */
export interface Schema {
  readonly fields: readonly Field[]
  /** Fields whose values are in a dictionary, by its id: readers share one between fields of the same id. */
  readonly dictionaries: ReadonlyMap<bigint, Field>
  /** Key-value metadata of the schema, and of its fields with their names before the keys. */
  readonly keyValues: readonly KeyValue[]
}

/** A hundred nested lists of structs, twice over. */
const MAX_DEPTH = 512

/** Field of a schema's table that holds its key-value metadata, and that of a field's. */
export const SCHEMA_KEY_VALUES = 2
export const FIELD_KEY_VALUES = 6

/**
 * Reads a schema.
 *
 * @param maxFields - Most fields, nested ones counted.
 * @throws {ShardError} `shard_malformed`, `shard_limit`; `shard_unsafe` for big-endian files and types that are not known.
 */
export function readSchema(table: FlatTable, maxFields: number): Schema {
  if (table.int16(0) !== 0) throw unsafe("is big-endian")
  const dictionaries = new Map<bigint, Field>()
  const keyValues: KeyValue[] = []
  let count = 0
  const readAll = (parent: FlatTable, id: number, depth: number, path: string): readonly Field[] => {
    const vector = parent.vector(id, 4)
    if (vector === undefined) return []
    count += vector.count
    if (count > maxFields) throw tooLarge("more columns")
    if (depth > MAX_DEPTH) throw tooLarge("deeper nesting")
    return Array.from({ length: vector.count }, (_, index) => read(parent.element(vector, index), depth, path))
  }
  const read = (own: FlatTable, depth: number, path: string): Field => {
    const name = own.text(0)
    for (const { key, value } of keyValuesOf(own, FIELD_KEY_VALUES)) {
      keyValues.push({ key: `${path}${name} ${key}`, value })
    }
    const children = readAll(own, 5, depth + 1, `${path}${name}.`)
    const field = { name, layout: checked(readLayout(own), children), children }
    const dictionary = own.table(4)
    if (dictionary === undefined) return field
    const id = dictionary.id64(0)
    const known = dictionaries.get(id)
    if (known !== undefined && !haveSameValues(known, field)) throw malformed()
    dictionaries.set(id, field)
    const indexType = dictionary.table(1)
    const index = indexType === undefined ? scalar(32, "signed") : integer(indexType)
    return { ...field, dictionary: { id, index } }
  }
  const fields = readAll(table, 1, 0, "")
  return { fields, dictionaries, keyValues: [...keyValuesOf(table, SCHEMA_KEY_VALUES), ...keyValues] }
}

/** Whether two fields' values are stored in the same way. */
function haveSameValues(a: Field, b: Field): boolean {
  const shape = ({ layout, children, dictionary }: Field): unknown => [
    layout,
    dictionary === undefined ? null : [String(dictionary.id), dictionary.index],
    children.map(shape),
  ]
  return JSON.stringify(shape(a)) === JSON.stringify(shape(b))
}

/** Whether two schemas have the same columns and metadata. */
export function areSameSchemas(a: Schema, b: Schema): boolean {
  const plain = ({ fields, keyValues }: Schema) =>
    JSON.stringify([fields, keyValues], (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))
  return plain(a) === plain(b)
}

function scalar(widthBits: number, content: ScalarContent): Layout & { readonly kind: "scalar" } {
  return { kind: "scalar", widthBits, content }
}

function integer(type: FlatTable): Layout & { readonly kind: "scalar" } {
  const widthBits = type.int32(0)
  if (![8, 16, 32, 64].includes(widthBits)) throw malformed()
  return scalar(widthBits, type.uint8(1) === 0 ? "unsigned" : "signed")
}

const FLOAT_BITS = [16, 32, 64]
/** Months, days and milliseconds, months with days and nanoseconds. */
const INTERVAL_BITS = [32, 64, 128]

/** The layout of a field's type, by its number in `Schema.fbs`. */
function readLayout(field: FlatTable): Layout {
  const typeId = field.uint8(2)
  const type = field.table(3)
  if (type === undefined) throw malformed()
  switch (typeId) {
    case 1:
      return { kind: "null" }
    case 2:
      return integer(type)
    case 3:
      return scalar(oneOf(FLOAT_BITS, type.int16(0)), "float")
    case 4:
    case 5:
      return { kind: "bytes", isText: typeId === 5, offsetBytes: 4 }
    case 6:
      return scalar(1, "boolean")
    case 7:
      return scalar(oneOfValues([32, 64, 128, 256], type.int32(2, 128)), "hex")
    case 8:
      return scalar(type.int16(0, 1) === 0 ? 32 : 64, "signed")
    case 9:
      return scalar(oneOfValues([32, 64], type.int32(1, 32)), "signed")
    case 10:
    case 18:
      return scalar(64, "signed")
    case 11: {
      const widthBits = oneOf(INTERVAL_BITS, type.int16(0))
      return scalar(widthBits, widthBits === 32 ? "signed" : "hex")
    }
    case 12:
    case 17:
      return { kind: "list", offsetBytes: 4 }
    case 13:
      return { kind: "struct" }
    case 14:
      return union(type, field.vector(5, 4)?.count ?? 0)
    case 15:
      return { kind: "fixed", widthBytes: counted(type.int32(0)) }
    case 16:
      return { kind: "fixed-list", size: counted(type.int32(0)) }
    case 19:
    case 20:
      return { kind: "bytes", isText: typeId === 20, offsetBytes: 8 }
    case 21:
      return { kind: "list", offsetBytes: 8 }
    case 22:
      return { kind: "run-end" }
    case 23:
    case 24:
      return { kind: "view", isText: typeId === 24 }
    case 25:
    case 26:
      return { kind: "list-view", offsetBytes: typeId === 25 ? 4 : 8 }
    default:
      throw unsafe("has a column of a type that cannot be read")
  }
}

function union(type: FlatTable, children: number): Layout {
  const ids = type.vector(1, 4)
  const typeIds = Array.from({ length: ids?.count ?? children }, (_, index) =>
    ids === undefined ? index : type.view.getInt32(ids.start + 4 * index, true),
  )
  if (typeIds.length !== children || children > 128 || new Set(typeIds).size !== children) throw malformed()
  return { kind: "union", isDense: type.int16(0) === 1, typeIds }
}

function oneOf(values: readonly number[], index: number): number {
  const value = values[index]
  if (value === undefined) throw malformed()
  return value
}

function oneOfValues(values: readonly number[], value: number): number {
  if (!values.includes(value)) throw malformed()
  return value
}

function counted(value: number): number {
  if (value < 0) throw malformed()
  return value
}

/** Lists have one child, run ends two; values without parts have none. */
function checked(layout: Layout, children: readonly Field[]): Layout {
  const count = CHILDREN[layout.kind]
  if (count !== undefined && children.length !== count) throw malformed()
  if (layout.kind === "run-end" && !isRunEnd(children[0])) throw malformed()
  return layout
}

const CHILDREN: Partial<Readonly<Record<Layout["kind"], number>>> = {
  null: 0,
  scalar: 0,
  fixed: 0,
  bytes: 0,
  view: 0,
  list: 1,
  "list-view": 1,
  "fixed-list": 1,
  "run-end": 2,
}

function isRunEnd(field: Field | undefined): boolean {
  const { layout, dictionary } = field ?? {}
  const isSigned = layout?.kind === "scalar" && layout.content === "signed"
  return isSigned && layout.widthBits >= 16 && dictionary === undefined
}
