/**
 * Values of a page, one at a time, each as the bytes of its plain encoding (a byte array without its length).
 *
 * Source: Apache Parquet, `Encodings.md`.
 * @module
 */
import { type DeltaReader, openDelta } from "./delta.ts"
import { HybridReader } from "./hybrid.ts"
import { malformed } from "./malformed.ts"
import { type Leaf, PHYSICAL } from "./schema.ts"

/** Reads values in order. The fields describe the value that the last `next` read; its bytes stay valid. */
export interface ValueReader {
  bytes: Uint8Array
  start: number
  length: number
  /** @throws {ShardError} `shard_malformed` if there is none. */
  next(): void
  /** Bytes that belong to no value, once all were read. */
  unusedBytes(): number
}

/** Encodings by their number in the format. */
export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinary: 5,
  deltaLength: 6,
  deltaBytes: 7,
  dictionary: 8,
  byteStreamSplit: 9,
} as const

/** A page's values, not yet read. */
export interface ValuePage {
  readonly bytes: Uint8Array
  readonly start: number
  readonly count: number
  readonly encoding: number
}

/** Opens a page's values. @throws {ShardError} `shard_malformed`, also for encodings that do not fit the column. */
export function openValues(page: ValuePage, leaf: Leaf, dictionary: Dictionary | undefined): ValueReader {
  const { bytes, start, count, encoding } = page
  const isByteArray = leaf.physical === PHYSICAL.bytes
  switch (encoding) {
    case ENCODING.plain:
      if (leaf.physical === PHYSICAL.boolean) return new PlainBooleans(bytes, start)
      return isByteArray ? new PlainByteArrays(bytes, start) : new FixedValues(bytes, start, leaf.widthBytes)
    case ENCODING.plainDictionary:
    case ENCODING.dictionary: {
      if (dictionary === undefined) throw malformed()
      if (count === 0) return new FixedValues(bytes, bytes.length, 1)
      const width = bytes[start] ?? 33
      return new DictionaryValues(dictionary, new HybridReader(bytes, start + 1, bytes.length, width))
    }
    case ENCODING.rle: {
      if (leaf.physical !== PHYSICAL.boolean) throw malformed()
      const length = uint32(bytes, start)
      return new RunBooleans(
        new HybridReader(bytes, start + 4, start + 4 + length, 1),
        bytes.length - start - 4 - length,
      )
    }
    case ENCODING.deltaBinary:
      if (leaf.physical !== PHYSICAL.int32 && leaf.physical !== PHYSICAL.int64) throw malformed()
      return new DeltaIntegers(openDelta(bytes, start), leaf.widthBytes)
    case ENCODING.deltaLength:
      if (!isByteArray) throw malformed()
      return deltaLengths(bytes, start)
    case ENCODING.deltaBytes: {
      if (!isByteArray && leaf.physical !== PHYSICAL.fixed) throw malformed()
      const prefixes = openDelta(bytes, start)
      return new DeltaByteArrays(prefixes, deltaLengths(bytes, prefixes.findEnd()))
    }
    case ENCODING.byteStreamSplit:
      if (isByteArray || leaf.physical === PHYSICAL.boolean) throw malformed()
      return new FixedValues(joinStreams(bytes.subarray(start), leaf.widthBytes), 0, leaf.widthBytes)
    default:
      throw malformed()
  }
}

/** The values of a dictionary page, by index. */
export interface Dictionary {
  readonly bytes: Uint8Array
  readonly starts: readonly number[]
  readonly lengths: readonly number[]
  /** 1 for each value that a page used. */
  readonly used: Uint8Array
}

/** Reads a dictionary page. @throws {ShardError} `shard_malformed` */
export function readDictionary(bytes: Uint8Array, count: number, leaf: Leaf): Dictionary {
  const values = openValues({ bytes, start: 0, count, encoding: ENCODING.plain }, leaf, undefined)
  const starts: number[] = []
  const lengths: number[] = []
  for (let index = 0; index < count; index++) {
    values.next()
    starts.push(values.start)
    lengths.push(values.length)
  }
  if (values.unusedBytes() > 0) throw malformed()
  return { bytes, starts, lengths, used: new Uint8Array(count) }
}

class FixedValues implements ValueReader {
  readonly bytes: Uint8Array
  readonly length: number
  start: number
  constructor(bytes: Uint8Array, start: number, width: number) {
    this.bytes = bytes
    this.length = width
    this.start = start - width
  }
  next(): void {
    this.start += this.length
    if (this.start + this.length > this.bytes.length) throw malformed()
  }
  unusedBytes(): number {
    return this.bytes.length - this.start - this.length
  }
}

class PlainByteArrays implements ValueReader {
  readonly bytes: Uint8Array
  start: number
  length = 0
  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.start = start
  }
  next(): void {
    const offset = this.start + this.length
    this.length = uint32(this.bytes, offset)
    this.start = offset + 4
    if (this.start + this.length > this.bytes.length) throw malformed()
  }
  unusedBytes(): number {
    return this.bytes.length - this.start - this.length
  }
}

/** The plain bytes of false and true, as this reader shows them. */
const BOOLEANS = new Uint8Array([0, 1])

class PlainBooleans implements ValueReader {
  readonly bytes = BOOLEANS
  readonly length = 1
  start = 0
  readonly #bits: Uint8Array
  #bit: number
  constructor(bits: Uint8Array, start: number) {
    this.#bits = bits
    this.#bit = start * 8
  }
  next(): void {
    const byte = this.#bits[this.#bit >>> 3]
    if (byte === undefined) throw malformed()
    this.start = (byte >>> (this.#bit & 7)) & 1
    this.#bit++
  }
  unusedBytes(): number {
    return this.#bits.length - Math.ceil(this.#bit / 8)
  }
}

class RunBooleans implements ValueReader {
  readonly bytes = BOOLEANS
  readonly length = 1
  start = 0
  readonly #runs: HybridReader
  readonly #behind: number
  constructor(runs: HybridReader, behind: number) {
    this.#runs = runs
    this.#behind = behind
  }
  next(): void {
    this.start = this.#runs.next()
  }
  unusedBytes(): number {
    return this.#behind + this.#runs.unusedBytes
  }
}

class DictionaryValues implements ValueReader {
  readonly bytes: Uint8Array
  start = 0
  length = 0
  readonly #dictionary: Dictionary
  readonly #indexes: HybridReader
  constructor(dictionary: Dictionary, indexes: HybridReader) {
    this.bytes = dictionary.bytes
    this.#dictionary = dictionary
    this.#indexes = indexes
  }
  next(): void {
    const index = this.#indexes.next()
    const { starts, lengths, used } = this.#dictionary
    const start = starts[index]
    if (start === undefined) throw malformed()
    this.start = start
    this.length = lengths[index] ?? 0
    used[index] = 1
  }
  unusedBytes(): number {
    return this.#indexes.unusedBytes
  }
}

/** Values of these are kept in blocks, since they must stay valid. */
const BLOCK_BYTES = 8192

class DeltaIntegers implements ValueReader {
  bytes: Uint8Array = new Uint8Array()
  readonly length: number
  start = 0
  readonly #values: DeltaReader
  #view = new DataView(new ArrayBuffer(0))
  constructor(values: DeltaReader, width: number) {
    this.#values = values
    this.length = width
  }
  next(): void {
    this.start += this.length
    if (this.start + this.length > this.bytes.length) {
      const block = new ArrayBuffer(BLOCK_BYTES)
      this.bytes = new Uint8Array(block)
      this.#view = new DataView(block)
      this.start = 0
    }
    const value = this.#values.next()
    if (this.length === 4) this.#view.setInt32(this.start, Number(BigInt.asIntN(32, value)), true)
    else this.#view.setBigInt64(this.start, value, true)
  }
  unusedBytes(): number {
    return this.#values.unusedBytes()
  }
}

function deltaLengths(bytes: Uint8Array, start: number): ValueReader {
  const lengths = openDelta(bytes, start)
  return new DeltaLengthByteArrays(lengths, bytes, lengths.findEnd())
}

class DeltaLengthByteArrays implements ValueReader {
  readonly bytes: Uint8Array
  start: number
  length = 0
  readonly #lengths: DeltaReader
  constructor(lengths: DeltaReader, bytes: Uint8Array, start: number) {
    this.#lengths = lengths
    this.bytes = bytes
    this.start = start
  }
  next(): void {
    this.start += this.length
    this.length = toLength(this.#lengths.next())
    if (this.start + this.length > this.bytes.length) throw malformed()
  }
  unusedBytes(): number {
    return this.bytes.length - this.start - this.length
  }
}

class DeltaByteArrays implements ValueReader {
  bytes: Uint8Array = new Uint8Array()
  readonly start = 0
  length = 0
  readonly #prefixes: DeltaReader
  readonly #suffixes: ValueReader
  constructor(prefixes: DeltaReader, suffixes: ValueReader) {
    this.#prefixes = prefixes
    this.#suffixes = suffixes
  }
  next(): void {
    const prefix = toLength(this.#prefixes.next())
    const suffixes = this.#suffixes
    suffixes.next()
    if (prefix > this.length) throw malformed()
    const value = new Uint8Array(prefix + suffixes.length)
    value.set(this.bytes.subarray(0, prefix))
    value.set(suffixes.bytes.subarray(suffixes.start, suffixes.start + suffixes.length), prefix)
    this.bytes = value
    this.length = value.length
  }
  unusedBytes(): number {
    return this.#suffixes.unusedBytes()
  }
}

function toLength(value: bigint): number {
  if (value < 0n || value > 0x7fffffffn) throw malformed()
  return Number(value)
}

function joinStreams(bytes: Uint8Array, width: number): Uint8Array {
  const count = bytes.length / width
  if (!Number.isInteger(count)) throw malformed()
  const joined = new Uint8Array(bytes.length)
  for (let stream = 0; stream < width; stream++) {
    for (let index = 0; index < count; index++) joined[index * width + stream] = bytes[stream * count + index] ?? 0
  }
  return joined
}

/** Reads a length of four bytes. @throws {ShardError} `shard_malformed` */
export function uint32(bytes: Uint8Array, offset: number): number {
  if (offset + 4 > bytes.length) throw malformed()
  const low = (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8) | ((bytes[offset + 2] as number) << 16)
  return low + (bytes[offset + 3] as number) * 0x1000000
}
