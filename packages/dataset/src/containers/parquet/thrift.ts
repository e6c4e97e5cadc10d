/**
 * Thrift's compact protocol, as spans: a struct's fields are located, not decoded, so that what is not changed is
 * written again byte for byte.
 *
 * Source: Apache Thrift, `thrift-compact-protocol.md`.
 * @module
 */
import { malformed } from "./malformed.ts"

/** Types of the compact protocol. A boolean field's type is its value. */
export const THRIFT = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const

/** Structs inside structs; Parquet's own nest less than ten deep. */
const MAX_DEPTH = 32

/** One field of a struct: its value's bytes, without the field's header. */
export interface ThriftField {
  readonly id: number
  readonly type: number
  readonly start: number
  readonly end: number
}

/** A struct within `bytes`. */
export interface ThriftStruct {
  readonly bytes: Uint8Array
  readonly fields: ReadonlyMap<number, ThriftField>
  /** Offset behind its last byte. */
  readonly end: number
}

/**
 * Locates the fields of a struct.
 *
 * @throws {RangeError} if the bytes end within it.
 * @throws {ShardError} `shard_malformed`
 */
export function readStruct(bytes: Uint8Array, start: number): ThriftStruct {
  const fields = new Map<number, ThriftField>()
  const end = walkStruct(bytes, start, 0, (field) => {
    // Readers differ in which of two they believe.
    if (fields.has(field.id)) throw malformed()
    fields.set(field.id, field)
  })
  return { bytes, fields, end }
}

/** A whole number of a struct; undefined if it is absent. @throws {ShardError} `shard_malformed` for another type. */
export function integerOf({ bytes, fields }: ThriftStruct, id: number): number | undefined {
  const field = fields.get(id)
  if (field === undefined) return undefined
  if (field.type !== THRIFT.i16 && field.type !== THRIFT.i32 && field.type !== THRIFT.i64) throw malformed()
  return readZigZag(bytes, field.start)
}

/** A count, size or offset of a struct. @throws {ShardError} `shard_malformed` if it is absent or negative. */
export function countOf(struct: ThriftStruct, id: number): number {
  const value = integerOf(struct, id)
  if (value === undefined || value < 0) throw malformed()
  return value
}

/** A boolean of a struct; undefined if it is absent. */
export function booleanOf({ fields }: ThriftStruct, id: number): boolean | undefined {
  const field = fields.get(id)
  if (field === undefined) return undefined
  if (field.type !== THRIFT.true && field.type !== THRIFT.false) throw malformed()
  return field.type === THRIFT.true
}

/** A byte string of a struct, as a view; undefined if it is absent. */
export function binaryOf({ bytes, fields }: ThriftStruct, id: number): Uint8Array | undefined {
  const field = fields.get(id)
  if (field === undefined) return undefined
  if (field.type !== THRIFT.binary) throw malformed()
  return bytes.subarray(readVarint(bytes, field.start).end, field.end)
}

/** A struct within a struct; undefined if it is absent. */
export function structOf({ bytes, fields }: ThriftStruct, id: number): ThriftStruct | undefined {
  const field = fields.get(id)
  if (field === undefined) return undefined
  if (field.type !== THRIFT.struct) throw malformed()
  return readStruct(bytes, field.start)
}

/** Offsets at which the structs of a list begin; empty if the list is absent. */
export function structsOf({ bytes, fields }: ThriftStruct, id: number): readonly number[] {
  const field = fields.get(id)
  if (field === undefined) return []
  if (field.type !== THRIFT.list) throw malformed()
  const { type, size, start } = readListHeader(bytes, field.start)
  if (size > 0 && type !== THRIFT.struct) throw malformed()
  const starts: number[] = []
  let offset = start
  for (let index = 0; index < size; index++) {
    starts.push(offset)
    offset = skip(bytes, offset, THRIFT.struct, 1)
  }
  return starts
}

function walkStruct(bytes: Uint8Array, start: number, depth: number, visit?: (field: ThriftField) => void): number {
  if (depth > MAX_DEPTH) throw malformed()
  let offset = start
  let id = 0
  for (;;) {
    const header = byteAt(bytes, offset++)
    const type = header & 0x0f
    if (type === 0) return offset
    const delta = header >> 4
    if (delta === 0) {
      const absolute = readVarint(bytes, offset)
      offset = absolute.end
      id = unZigZag(absolute.value)
    } else {
      id += delta
    }
    const isBoolean = type === THRIFT.true || type === THRIFT.false
    const end = isBoolean ? offset : skip(bytes, offset, type, depth + 1)
    visit?.({ id, type, start: offset, end })
    offset = end
  }
}

/** Returns the offset behind a value. */
function skip(bytes: Uint8Array, start: number, type: number, depth: number): number {
  switch (type) {
    case THRIFT.true:
    case THRIFT.false:
    case THRIFT.byte:
      return within(bytes, start + 1)
    case THRIFT.i16:
    case THRIFT.i32:
    case THRIFT.i64:
      return readVarint(bytes, start).end
    case THRIFT.double:
      return within(bytes, start + 8)
    case THRIFT.binary: {
      const { value, end } = readVarint(bytes, start)
      return within(bytes, end + value)
    }
    case THRIFT.list:
    case THRIFT.set: {
      const list = readListHeader(bytes, start)
      let offset = list.start
      for (let index = 0; index < list.size; index++) offset = skip(bytes, offset, list.type, depth + 1)
      return offset
    }
    case THRIFT.struct:
      return walkStruct(bytes, start, depth)
    default:
      // Parquet has no maps.
      throw malformed()
  }
}

interface ListHeader {
  readonly type: number
  readonly size: number
  readonly start: number
}

function readListHeader(bytes: Uint8Array, start: number): ListHeader {
  const header = byteAt(bytes, start)
  const isLong = header >> 4 === 15
  const long = isLong ? readVarint(bytes, start + 1) : { value: header >> 4, end: start + 1 }
  // Each element takes a byte at least, so a lying size ends here.
  within(bytes, long.end + long.value)
  return { type: header & 0x0f, size: long.value, start: long.end }
}

interface Varint {
  readonly value: number
  readonly end: number
}

/** Reads an unsigned number. Above 2^53 it is rounded: such a number is no size or offset, and fails as one. */
function readVarint(bytes: Uint8Array, start: number): Varint {
  let value = 0
  let scale = 1
  for (let offset = start; offset < start + 10; offset++) {
    const byte = byteAt(bytes, offset)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return { value, end: offset + 1 }
    scale *= 128
  }
  throw malformed()
}

function readZigZag(bytes: Uint8Array, start: number): number {
  const value = unZigZag(readVarint(bytes, start).value)
  if (!Number.isSafeInteger(value)) throw malformed()
  return value
}

function unZigZag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new RangeError("expected more bytes")
  return byte
}

function within(bytes: Uint8Array, end: number): number {
  if (end > bytes.length) throw new RangeError("expected more bytes")
  return end
}
