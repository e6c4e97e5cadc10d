/**
 * Numbers, booleans and byte strings of fixed length.
 * @module
 */
import type { ByteValue, RowBuilder } from "../../rows/row-builder.ts"
import { hexJson } from "../../rows/value-json.ts"
import { malformed } from "../errors.ts"
import type { ScalarContent } from "../schema.ts"
import { BitWriter, bitAt } from "./bits.ts"
import { Column, type ColumnParts, type LoadedBuffer, type RebuiltParts } from "./column.ts"
import { eachValue, isWhole, lengthOf, type Span } from "./spans.ts"

/** Nulls. */
export class NullColumn extends Column {
  override isNull(): boolean {
    return true
  }

  protected writeValue(): void {}

  rebuild(spans: readonly Span[], { nodes }: RebuiltParts): void {
    const length = lengthOf(spans)
    nodes.push({ length, nulls: length })
  }
}

/** Booleans, one bit each. */
export class BooleanColumn extends Column {
  readonly #bits: Uint8Array

  constructor(parts: ColumnParts, { bytes }: LoadedBuffer) {
    super(parts)
    this.#bits = bytes
    if (bytes.length * 8 < this.length) throw malformed()
  }

  protected writeValue(row: RowBuilder, index: number): void {
    this.cost.count(1)
    row.write(bitAt(this.#bits, index) ? "true" : "false")
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    if (isWhole(spans, this.length)) {
      parts.buffers.push(this.#bits.subarray(0, Math.ceil(this.length / 8)))
      return
    }
    const bits = new BitWriter(lengthOf(spans))
    eachValue(spans, (index, isBlank) => bits.push(!isBlank && bitAt(this.#bits, index)))
    parts.buffers.push(bits.bytes)
  }
}

/** Values of the same number of bytes. */
abstract class FixedColumn extends Column {
  protected readonly values: LoadedBuffer
  protected readonly widthBytes: number

  constructor(parts: ColumnParts, values: LoadedBuffer, widthBytes: number) {
    super(parts)
    this.values = values
    this.widthBytes = widthBytes
    if (values.bytes.length < this.length * widthBytes) throw malformed()
  }

  /** Whether a null's bytes are nobody's. */
  protected abstract readonly isEmptiedWhereNull: boolean

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const { widthBytes, values } = this
    const output = new Uint8Array(lengthOf(spans) * widthBytes)
    let at = 0
    for (const { start, count, isBlank } of spans) {
      if (!isBlank) {
        output.set(values.bytes.subarray(start * widthBytes, (start + count) * widthBytes), at)
        for (let index = 0; this.isEmptiedWhereNull && index < count; index++) {
          const place = at + index * widthBytes
          if (this.isNull(start + index)) output.fill(0, place, place + widthBytes)
        }
      }
      at += count * widthBytes
    }
    parts.buffers.push(output)
  }
}

/** Numbers, dates, times, intervals. */
export class ScalarColumn extends FixedColumn {
  protected readonly isEmptiedWhereNull = false
  readonly #view: DataView
  readonly #content: ScalarContent

  constructor(parts: ColumnParts, values: LoadedBuffer, layout: { widthBits: number; content: ScalarContent }) {
    super(parts, values, layout.widthBits / 8)
    const { bytes } = values
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#content = layout.content
  }

  protected writeValue(row: RowBuilder, index: number): void {
    this.cost.count(this.widthBytes)
    row.write(this.#json(index))
  }

  /** A whole number of up to 64 bits. @throws {ShardError} `shard_malformed` above 2^53. */
  integerAt(index: number): number {
    const value = Number(this.#integer(index * this.widthBytes))
    if (!Number.isSafeInteger(value)) throw malformed()
    return value
  }

  #json(index: number): string {
    const at = index * this.widthBytes
    if (this.#content === "hex") return hexJson(this.values.bytes, at, this.widthBytes)
    if (this.#content !== "float") return String(this.#integer(at))
    // Half precision is shown as its digits: not every supported Node reads it.
    if (this.widthBytes === 2) return hexJson(this.values.bytes, at, 2)
    const value = this.widthBytes === 4 ? this.#view.getFloat32(at, true) : this.#view.getFloat64(at, true)
    return Number.isFinite(value) ? String(value) : `"${value}"`
  }

  #integer(at: number): number | bigint {
    const view = this.#view
    const isUnsigned = this.#content === "unsigned"
    switch (this.widthBytes) {
      case 1:
        return isUnsigned ? view.getUint8(at) : view.getInt8(at)
      case 2:
        return isUnsigned ? view.getUint16(at, true) : view.getInt16(at, true)
      case 4:
        return isUnsigned ? view.getUint32(at, true) : view.getInt32(at, true)
      default:
        return isUnsigned ? view.getBigUint64(at, true) : view.getBigInt64(at, true)
    }
  }
}

/** Byte strings of fixed length. */
export class FixedBytesColumn extends FixedColumn {
  protected readonly isEmptiedWhereNull = true

  protected writeValue(row: RowBuilder, index: number): void {
    row.bytes(this.bytesAt(index))
  }

  override bytesAt(index: number): ByteValue {
    this.cost.count(this.widthBytes)
    return byteValue(this.name, this.values, index * this.widthBytes, this.widthBytes)
  }
}

/** A value in a buffer. */
export function byteValue(name: string, { bytes, offset }: LoadedBuffer, start: number, length: number): ByteValue {
  return { name, bytes, start, length, offset: offset === undefined ? undefined : offset + start }
}
