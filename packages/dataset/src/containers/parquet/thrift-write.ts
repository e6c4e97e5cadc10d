/**
 * Writes structs of Thrift's compact protocol.
 * @module
 */
import { THRIFT, type ThriftField, type ThriftStruct } from "./thrift.ts"

/** A field whose value is encoded already. */
export interface EncodedField {
  readonly id: number
  readonly type: number
  readonly value: Uint8Array
}

/** A field of type i32 or, for ids where the format says so, i64; both are encoded alike. */
export function integerField(id: number, value: number, type: number = THRIFT.i64): EncodedField {
  return { id, type, value: varint(value >= 0 ? value * 2 : -value * 2 - 1) }
}

/** A field that is a struct. */
export function structField(id: number, fields: readonly EncodedField[]): EncodedField {
  return { id, type: THRIFT.struct, value: encodeStruct(fields) }
}

/** A field that is a list of encoded elements of one type. */
export function listField(id: number, type: number, elements: readonly Uint8Array[]): EncodedField {
  const { length } = elements
  const header =
    length < 15 ? Buffer.from([(length << 4) | type]) : Buffer.concat([Buffer.from([0xf0 | type]), varint(length)])
  return { id, type: THRIFT.list, value: Buffer.concat([header, ...elements]) }
}

/** Encodes a struct; its fields are ordered by id. */
export function encodeStruct(fields: readonly EncodedField[]): Uint8Array {
  const pieces: Uint8Array[] = []
  let last = 0
  for (const { id, type, value } of [...fields].sort((a, b) => a.id - b.id)) {
    const delta = id - last
    if (delta >= 1 && delta <= 15) pieces.push(Buffer.from([(delta << 4) | type]))
    else pieces.push(Buffer.from([type]), varint(id * 2))
    pieces.push(value)
    last = id
  }
  pieces.push(Buffer.from([0]))
  return Buffer.concat(pieces)
}

/** Encodes a struct again with some fields replaced, added or (undefined) left out; the others keep their bytes. */
export function changeStruct(
  { bytes, fields }: ThriftStruct,
  changes: readonly EncodedField[],
  dropped: readonly number[] = [],
): Uint8Array {
  const changed = new Map<number, EncodedField>(changes.map((field) => [field.id, field]))
  const kept = [...fields.values()].filter(({ id }) => !changed.has(id) && !dropped.includes(id))
  return encodeStruct([...kept.map((field) => copied(bytes, field)), ...changed.values()])
}

function copied(bytes: Uint8Array, { id, type, start, end }: ThriftField): EncodedField {
  return { id, type, value: bytes.subarray(start, end) }
}

/** Encodes an unsigned whole number. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
