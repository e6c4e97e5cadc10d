/**
 * Texts and byte strings, and views of them.
 * @module
 */
import type { ByteValue, RowBuilder } from "../../rows/row-builder.ts"
import { malformed } from "../errors.ts"
import type { Layout } from "../schema.ts"
import { Column, type ColumnParts, type LoadedBuffer, type RebuiltParts } from "./column.ts"
import { Offsets, OffsetWriter } from "./offsets.ts"
import { byteValue } from "./scalars.ts"
import { eachValue, lengthOf, type Span } from "./spans.ts"

const NO_BYTES = new Uint8Array()

/** Texts or byte strings, one after another. */
export class BytesColumn extends Column {
  readonly #layout: Layout & { readonly kind: "bytes" }
  readonly #offsets: Offsets
  readonly #data: LoadedBuffer

  constructor(parts: ColumnParts, offsets: LoadedBuffer, data: LoadedBuffer, layout: Layout & { kind: "bytes" }) {
    super(parts)
    this.#layout = layout
    this.#data = data
    const { length } = this
    this.#offsets = Offsets.ascending(offsets.bytes, layout.offsetBytes, { length, end: data.bytes.length })
  }

  protected writeValue(row: RowBuilder, index: number): void {
    const value = this.bytesAt(index)
    if (this.#layout.isText) row.text(value)
    else row.bytes(value)
  }

  override bytesAt(index: number): ByteValue {
    const start = this.#offsets.at(index)
    const length = this.#offsets.at(index + 1) - start
    this.cost.count(length)
    return byteValue(this.name, this.#data, start, length)
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const offsets = new OffsetWriter(lengthOf(spans), this.#layout.offsetBytes)
    const bytesOf = (index: number, isBlank: boolean) => {
      if (isBlank) return parts.fillOf?.(index) ?? NO_BYTES
      if (this.isNull(index)) return NO_BYTES
      return this.#data.bytes.subarray(this.#offsets.at(index), this.#offsets.at(index + 1))
    }
    eachValue(spans, (index, isBlank) => offsets.push(bytesOf(index, isBlank).length))
    const data = new Uint8Array(offsets.end)
    let at = 0
    eachValue(spans, (index, isBlank) => {
      const bytes = bytesOf(index, isBlank)
      data.set(bytes, at)
      at += bytes.length
    })
    parts.buffers.push(offsets.bytes, data)
  }
}

const VIEW_BYTES = 16
/** Values this short are in the view itself. */
const INLINE_BYTES = 12

/** Views of texts or byte strings. */
export class ViewColumn extends Column {
  readonly #isText: boolean
  readonly #views: LoadedBuffer
  readonly #view: DataView
  readonly #data: readonly LoadedBuffer[]

  constructor(parts: ColumnParts, views: LoadedBuffer, data: readonly LoadedBuffer[], layout: { isText: boolean }) {
    super(parts)
    this.#isText = layout.isText
    this.#views = views
    this.#view = new DataView(views.bytes.buffer, views.bytes.byteOffset, views.bytes.byteLength)
    this.#data = data
    if (views.bytes.length < this.length * VIEW_BYTES) throw malformed()
  }

  protected writeValue(row: RowBuilder, index: number): void {
    const value = this.bytesAt(index)
    if (this.#isText) row.text(value)
    else row.bytes(value)
  }

  override bytesAt(index: number): ByteValue {
    const { buffer, start, length } = this.#place(index)
    this.cost.count(length)
    return byteValue(this.name, buffer, start, length)
  }

  #place(index: number): { readonly buffer: LoadedBuffer; readonly start: number; readonly length: number } {
    const at = index * VIEW_BYTES
    const length = this.#view.getInt32(at, true)
    if (length < 0) throw malformed()
    if (length <= INLINE_BYTES) return { buffer: this.#views, start: at + 4, length }
    const buffer = this.#data[this.#view.getInt32(at + 8, true)]
    const start = this.#view.getInt32(at + 12, true)
    if (buffer === undefined || start < 0 || start + length > buffer.bytes.length) throw malformed()
    const prefix = this.#views.bytes.subarray(at + 4, at + 8)
    // Readers that compare prefixes would see another text than those that do not.
    if (prefix.some((byte, position) => byte !== buffer.bytes[start + position])) throw malformed()
    return { buffer, start, length }
  }

  /** The values of a buffer, each once, stay in their order; there are as many buffers as before. */
  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const views = new Uint8Array(lengthOf(spans) * VIEW_BYTES)
    const output = new DataView(views.buffer)
    const kept = new Map<LoadedBuffer, Map<string, { readonly start: number; readonly end: number; at: number }>>()
    const places: (readonly [number, { readonly at: number }])[] = []
    let at = -VIEW_BYTES
    eachValue(spans, (index, isBlank) => {
      at += VIEW_BYTES
      const fill = isBlank ? parts.fillOf?.(index) : undefined
      if (fill !== undefined && fill.length <= INLINE_BYTES) {
        output.setInt32(at, fill.length, true)
        views.set(fill, at + 4)
      }
      if (isBlank || this.isNull(index)) return
      const { buffer, start, length } = this.#place(index)
      output.setInt32(at, length, true)
      if (length <= INLINE_BYTES) {
        views.set(buffer.bytes.subarray(start, start + length), at + 4)
        return
      }
      views.set(this.#views.bytes.subarray(index * VIEW_BYTES + 4, index * VIEW_BYTES + 12), at + 4)
      const ranges = kept.get(buffer) ?? new Map<string, { start: number; end: number; at: number }>()
      kept.set(buffer, ranges)
      const range = ranges.get(`${start} ${length}`) ?? { start, end: start + length, at: 0 }
      ranges.set(`${start} ${length}`, range)
      places.push([at, range])
    })
    const data = this.#data.map((buffer) => joinRanges(buffer.bytes, [...(kept.get(buffer)?.values() ?? [])]))
    for (const [place, range] of places) output.setInt32(place + 12, range.at, true)
    parts.buffers.push(views, ...data)
  }
}

/** Copies ranges, which may overlap, and notes where each is. */
function joinRanges(bytes: Uint8Array, ranges: { readonly start: number; readonly end: number; at: number }[]) {
  ranges.sort((a, b) => a.start - b.start || b.end - a.end)
  const pieces: Uint8Array[] = []
  let written = 0
  let position = 0
  for (const range of ranges) {
    if (range.end > position) {
      const start = Math.max(position, range.start)
      pieces.push(bytes.subarray(start, range.end))
      written += range.end - start
      position = range.end
    }
    range.at = written - (position - range.start)
  }
  return Buffer.concat(pieces)
}
