/**
 * Encodes entries of a column as plain data pages of the format's first version.
 *
 * Source: Apache Parquet, `Encodings.md` and `README.md`, "Data Pages".
 * @module
 */
import { deflate } from "./codecs.ts"
import type { ColumnReader } from "./column.ts"
import { levelBits } from "./hybrid.ts"
import { type Leaf, PHYSICAL, type SchemaNode } from "./schema.ts"
import { THRIFT } from "./thrift.ts"
import { encodeStruct, integerField, structField, varint } from "./thrift-write.ts"
import { ENCODING } from "./values.ts"

/** A page ends with the row that reaches this. */
const PAGE_BYTES = 2 ** 20
/** A page ends within a row at this. */
const MAX_PAGE_BYTES = 64 * 2 ** 20

/** A page with its header. */
export interface EncodedPage {
  readonly bytes: Uint8Array
  /** Of the header and the inflated page. */
  readonly inflatedBytes: number
}

/** Collects entries until they make a page. */
export class PageEncoder {
  readonly #node: SchemaNode & { readonly leaf: Leaf }
  readonly #codec: number
  #repetitions: number[] = []
  #definitions: number[] = []
  #count = 0
  #values: Buffer = Buffer.allocUnsafe(2 ** 16)
  #length = 0
  #bits = 0

  /** @param codec - One that `deflate` knows. */
  constructor(node: SchemaNode & { readonly leaf: Leaf }, codec: number) {
    this.#node = node
    this.#codec = codec
  }

  /** Entries of the page so far. */
  get count(): number {
    return this.#count
  }

  /** Whether the page should end before the entry that `column` read. */
  endsBefore({ repetition }: ColumnReader): boolean {
    const bytes = this.#length + this.#count
    return (repetition === 0 && bytes >= PAGE_BYTES) || bytes >= MAX_PAGE_BYTES
  }

  /** Adds the entry that a column read last. */
  add({ repetition, definition, hasValue, bytes, start, length }: ColumnReader): void {
    if (this.#node.repetition > 0) this.#repetitions.push(repetition)
    if (this.#node.definition > 0) this.#definitions.push(definition)
    this.#count++
    if (!hasValue) return
    const { physical } = this.#node.leaf
    if (physical === PHYSICAL.boolean) {
      this.#addBit(bytes[start] ?? 0)
      return
    }
    this.#reserve(length + 4)
    if (physical === PHYSICAL.bytes) this.#length = this.#values.writeUInt32LE(length, this.#length)
    this.#values.set(bytes.subarray(start, start + length), this.#length)
    this.#length += length
  }

  /** Ends the page and begins another. */
  flush(): EncodedPage {
    const pieces: Uint8Array[] = []
    for (const [levels, max] of [
      [this.#repetitions, this.#node.repetition],
      [this.#definitions, this.#node.definition],
    ] as const) {
      if (max === 0) continue
      const encoded = encodeLevels(levels, levelBits(max))
      const length = Buffer.alloc(4)
      length.writeUInt32LE(encoded.length)
      pieces.push(length, encoded)
    }
    const body = Buffer.concat([...pieces, this.#values.subarray(0, this.#length)])
    const { bytes } = deflate(this.#codec, body)
    const header = pageHeader(body.length, bytes.length, this.#count)
    this.#repetitions = []
    this.#definitions = []
    this.#count = 0
    this.#length = 0
    this.#bits = 0
    return { bytes: Buffer.concat([header, bytes]), inflatedBytes: header.length + body.length }
  }

  #addBit(bit: number): void {
    if (this.#bits % 8 === 0) {
      this.#reserve(1)
      this.#values[this.#length++] = 0
    }
    const last = this.#length - 1
    this.#values[last] = (this.#values[last] ?? 0) | (bit << (this.#bits % 8))
    this.#bits++
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#values.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#values.length * 2, this.#length + bytes))
    grown.set(this.#values.subarray(0, this.#length))
    this.#values = grown
  }
}

function pageHeader(inflated: number, deflated: number, count: number): Uint8Array {
  const data = [
    integerField(1, count, THRIFT.i32),
    integerField(2, ENCODING.plain, THRIFT.i32),
    integerField(3, ENCODING.rle, THRIFT.i32),
    integerField(4, ENCODING.rle, THRIFT.i32),
  ]
  return encodeStruct([
    integerField(1, 0, THRIFT.i32),
    integerField(2, inflated, THRIFT.i32),
    integerField(3, deflated, THRIFT.i32),
    structField(5, data),
  ])
}

/** Encodes levels as runs, and between them as groups of eight. */
function encodeLevels(levels: readonly number[], width: number): Uint8Array {
  const pieces: Uint8Array[] = []
  let packed: number[] = []
  const flush = () => {
    if (packed.length > 0) pieces.push(packLevels(packed, width))
    packed = []
  }
  for (let offset = 0; offset < levels.length; ) {
    const value = levels[offset] ?? 0
    let end = offset + 1
    while (end < levels.length && levels[end] === value) end++
    // A run may begin only where a group of eight is full.
    const missing = (8 - (packed.length % 8)) % 8
    if (end - offset - missing >= 8) {
      for (let index = 0; index < missing; index++) packed.push(value)
      flush()
      const count = end - offset - missing
      pieces.push(varint(count * 2), littleEndian(value, Math.ceil(width / 8)))
    } else {
      for (let index = offset; index < end; index++) packed.push(value)
    }
    offset = end
  }
  flush()
  return Buffer.concat(pieces)
}

function packLevels(levels: readonly number[], width: number): Uint8Array {
  const groups = Math.ceil(levels.length / 8)
  const bytes = Buffer.alloc(groups * width)
  for (const [index, level] of levels.entries()) {
    for (let bit = 0; bit < width; bit++) {
      const at = index * width + bit
      if ((level >>> bit) & 1) bytes[at >>> 3] = (bytes[at >>> 3] ?? 0) | (1 << (at & 7))
    }
  }
  return Buffer.concat([varint(groups * 2 + 1), bytes])
}

function littleEndian(value: number, length: number): Uint8Array {
  return Buffer.from(Array.from({ length }, (_, index) => (value >>> (8 * index)) & 0xff))
}
