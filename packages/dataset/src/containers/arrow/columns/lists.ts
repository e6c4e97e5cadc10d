/**
 * Lists: of offsets, of views, and of fixed size. Maps are lists of structs.
 * @module
 */
import type { RowBuilder } from "../../rows/row-builder.ts"
import { malformed, tooLarge } from "../errors.ts"
import { Column, type ColumnParts, type LoadedBuffer, type RebuiltParts } from "./column.ts"
import { Offsets, OffsetWriter, writeOffset } from "./offsets.ts"
import { eachValue, lengthOf, type Span, SpanList } from "./spans.ts"

/** Elements of a column that is written again: views of lists may repeat theirs. */
const MAX_ELEMENTS = 2 ** 28

abstract class ListColumn extends Column {
  protected readonly child: Column

  constructor(parts: ColumnParts, child: Column) {
    super(parts)
    this.child = child
  }

  /** The elements of a value. @throws {ShardError} `shard_malformed` */
  protected abstract rangeOf(index: number): { readonly start: number; readonly count: number }

  protected writeValue(row: RowBuilder, index: number): void {
    const { start, count } = this.rangeOf(index)
    this.cost.count(0)
    if (count === 0) row.write("[")
    for (let element = 0; element < count; element++) {
      row.element(element, () => this.child.write(row, start + element))
    }
    row.write("]")
  }

  /** Calls for each value with its elements, none where it is emptied or null, and adds these. */
  protected rebuildElements(spans: readonly Span[], add: (count: number) => void): SpanList {
    const elements = new SpanList()
    eachValue(spans, (index, isBlank) => {
      const { start, count } = isBlank || this.isNull(index) ? NONE : this.rangeOf(index)
      elements.push(start, count, false)
      if (elements.length > MAX_ELEMENTS) throw tooLarge("longer lists")
      add(count)
    })
    return elements
  }
}

const NONE = { start: 0, count: 0 }

/** Lists one after another. */
export class OffsetListColumn extends ListColumn {
  readonly #offsets: Offsets
  readonly #offsetBytes: 4 | 8

  constructor(parts: ColumnParts, offsets: LoadedBuffer, child: Column, offsetBytes: 4 | 8) {
    super(parts, child)
    this.#offsetBytes = offsetBytes
    this.#offsets = Offsets.ascending(offsets.bytes, offsetBytes, { length: this.length, end: child.length })
  }

  protected rangeOf(index: number): { readonly start: number; readonly count: number } {
    const start = this.#offsets.at(index)
    return { start, count: this.#offsets.at(index + 1) - start }
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const offsets = new OffsetWriter(lengthOf(spans), this.#offsetBytes)
    const elements = this.rebuildElements(spans, (count) => offsets.push(count))
    parts.buffers.push(offsets.bytes)
    this.child.rebuild(elements.spans, parts)
  }
}

/** Lists anywhere in their elements. */
export class ViewListColumn extends ListColumn {
  readonly #offsets: Offsets
  readonly #sizes: Offsets
  readonly #offsetBytes: 4 | 8

  constructor(
    parts: ColumnParts,
    { offsets, sizes }: { readonly offsets: LoadedBuffer; readonly sizes: LoadedBuffer },
    child: Column,
    offsetBytes: 4 | 8,
  ) {
    super(parts, child)
    this.#offsetBytes = offsetBytes
    this.#offsets = new Offsets(offsets.bytes, offsetBytes, this.length)
    this.#sizes = new Offsets(sizes.bytes, offsetBytes, this.length)
  }

  protected rangeOf(index: number): { readonly start: number; readonly count: number } {
    const [start, count] = [this.#offsets.at(index), this.#sizes.at(index)]
    if (start + count > this.child.length) throw malformed()
    return { start, count }
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const width = this.#offsetBytes
    const [offsets, sizes] = [new Uint8Array(lengthOf(spans) * width), new Uint8Array(lengthOf(spans) * width)]
    const [offsetView, sizeView] = [new DataView(offsets.buffer), new DataView(sizes.buffer)]
    let index = 0
    let end = 0
    const elements = this.rebuildElements(spans, (count) => {
      writeOffset(offsetView, index, width, end)
      writeOffset(sizeView, index++, width, count)
      end += count
    })
    parts.buffers.push(offsets, sizes)
    this.child.rebuild(elements.spans, parts)
  }
}

/** Lists of the same number of elements. */
export class FixedListColumn extends ListColumn {
  readonly #size: number

  constructor(parts: ColumnParts, child: Column, size: number) {
    super(parts, child)
    this.#size = size
    if (child.length < this.length * size) throw malformed()
  }

  protected rangeOf(index: number): { readonly start: number; readonly count: number } {
    return { start: index * this.#size, count: this.#size }
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const elements = new SpanList()
    eachValue(spans, (index, isBlank) => {
      elements.push(index * this.#size, this.#size, isBlank || this.isNull(index))
      if (elements.length > MAX_ELEMENTS) throw tooLarge("longer lists")
    })
    this.child.rebuild(elements.spans, parts)
  }
}
