/**
 * Reads FlatBuffers, in which the format keeps its metadata. Nothing is trusted: every access is within the bytes.
 *
 * Source: FlatBuffers, `internals.md`.
 * @module
 */
import { malformed } from "./errors.ts"

/** A vector's elements. */
export interface FlatVector {
  /** Offset of the first one. */
  readonly start: number
  readonly count: number
}

/** A table. Fields are read by their position in the schema language's declaration. */
export class FlatTable {
  readonly view: DataView
  readonly #at: number
  readonly #fields: number
  readonly #count: number

  /** @throws {ShardError} `shard_malformed` */
  constructor(view: DataView, at: number) {
    this.view = view
    this.#at = at
    this.#fields = at - within(view, at, 4).getInt32(at, true)
    const sizeBytes = within(view, this.#fields, 4).getUint16(this.#fields, true)
    within(view, this.#fields, sizeBytes)
    this.#count = Math.floor((sizeBytes - 4) / 2)
  }

  /** The table that a buffer begins with a reference to. @throws {ShardError} `shard_malformed` */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new FlatTable(view, within(view, 0, 4).getUint32(0, true))
  }

  /** Offset in the buffer of a field of so many bytes; undefined where it has its default. */
  placeOf(id: number, sizeBytes: number): number | undefined {
    if (id >= this.#count) return undefined
    const offset = this.view.getUint16(this.#fields + 4 + 2 * id, true)
    if (offset === 0) return undefined
    within(this.view, this.#at + offset, sizeBytes)
    return this.#at + offset
  }

  uint8(id: number, whenAbsent = 0): number {
    const place = this.placeOf(id, 1)
    return place === undefined ? whenAbsent : this.view.getUint8(place)
  }

  int16(id: number, whenAbsent = 0): number {
    const place = this.placeOf(id, 2)
    return place === undefined ? whenAbsent : this.view.getInt16(place, true)
  }

  int32(id: number, whenAbsent = 0): number {
    const place = this.placeOf(id, 4)
    return place === undefined ? whenAbsent : this.view.getInt32(place, true)
  }

  /** A length or offset. @throws {ShardError} `shard_malformed` if it is negative or above 2^53. */
  size(id: number): number {
    const place = this.placeOf(id, 8)
    return place === undefined ? 0 : sizeAt(this.view, place)
  }

  /** An id of 64 bits, of which only equality counts. */
  id64(id: number): bigint {
    const place = this.placeOf(id, 8)
    return place === undefined ? 0n : this.view.getBigInt64(place, true)
  }

  table(id: number): FlatTable | undefined {
    const place = this.#reference(id)
    return place === undefined ? undefined : new FlatTable(this.view, place)
  }

  /** The bytes of a string, where they are in the buffer. */
  string(id: number): FlatVector | undefined {
    return this.vector(id, 1)
  }

  text(id: number): string {
    const string = this.string(id)
    if (string === undefined) return ""
    return Buffer.from(this.view.buffer, this.view.byteOffset + string.start, string.count).toString("utf8")
  }

  /** A vector of elements of so many bytes. */
  vector(id: number, elementBytes: number): FlatVector | undefined {
    const place = this.#reference(id)
    if (place === undefined) return undefined
    const count = within(this.view, place, 4).getUint32(place, true)
    within(this.view, place + 4, count * elementBytes)
    return { start: place + 4, count }
  }

  /** Makes the table that is an element of a vector of them. */
  element({ start }: FlatVector, index: number): FlatTable {
    const place = start + 4 * index
    return new FlatTable(this.view, place + this.view.getUint32(place, true))
  }

  #reference(id: number): number | undefined {
    const place = this.placeOf(id, 4)
    return place === undefined ? undefined : place + this.view.getUint32(place, true)
  }
}

/** Reads a length or offset of 64 bits. @throws {ShardError} `shard_malformed` if it is negative or above 2^53. */
export function sizeAt(view: DataView, place: number): number {
  const value = Number(view.getBigInt64(place, true))
  if (value < 0 || !Number.isSafeInteger(value)) throw malformed()
  return value
}

function within(view: DataView, start: number, length: number): DataView {
  if (start < 0 || start + length > view.byteLength) throw malformed()
  return view
}
