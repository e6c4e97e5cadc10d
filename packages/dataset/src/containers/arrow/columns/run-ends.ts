import type { ByteValue, RowBuilder } from "../../rows/row-builder.ts"
import { malformed } from "../errors.ts"
import { Column, type ColumnParts, type RebuiltParts } from "./column.ts"
import type { ScalarColumn } from "./scalars.ts"
import { eachValue, lengthOf, type Span, SpanList } from "./spans.ts"

/** Values that are stored once for each run of equal ones. */
export class RunEndColumn extends Column {
  readonly #ends: ScalarColumn
  readonly #values: Column
  readonly #widthBytes: number

  /** @param widthBytes - Of a run's end. */
  constructor(parts: ColumnParts, ends: ScalarColumn, values: Column, widthBytes: number) {
    super(parts)
    this.#ends = ends
    this.#values = values
    this.#widthBytes = widthBytes
    if (ends.length !== values.length) throw malformed()
    let before = 0
    for (let run = 0; run < ends.length; run++) {
      const end = ends.integerAt(run)
      if (ends.isNull(run) || end <= before) throw malformed()
      before = end
    }
    if (before < this.length) throw malformed()
  }

  override isNull(index: number): boolean {
    return this.#values.isNull(this.#runOf(index))
  }

  protected writeValue(row: RowBuilder, index: number): void {
    this.#values.write(row, this.#runOf(index))
  }

  override bytesAt(index: number): ByteValue | undefined {
    return this.#values.bytesAt(this.#runOf(index))
  }

  #runOf(index: number): number {
    let low = 0
    let high = this.#ends.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ends.integerAt(middle) > index) high = middle
      else low = middle + 1
    }
    return low
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    const length = lengthOf(spans)
    parts.nodes.push({ length, nulls: 0 })
    const runs = new SpanList()
    const ends: number[] = []
    let before: { readonly run: number; readonly isBlank: boolean } | undefined
    let at = 0
    eachValue(spans, (index, isBlank) => {
      const run = this.#runOf(index)
      at++
      if (before?.run === run && before.isBlank === isBlank) {
        ends[ends.length - 1] = at
        return
      }
      before = { run, isBlank }
      ends.push(at)
      runs.push(run, 1, isBlank)
    })
    parts.nodes.push({ length: ends.length, nulls: 0 })
    parts.buffers.push(new Uint8Array(), this.#endBytes(ends))
    this.#values.rebuild(runs.spans, parts)
  }

  #endBytes(ends: readonly number[]): Uint8Array {
    const width = this.#widthBytes
    const bytes = Buffer.alloc(ends.length * width)
    for (const [index, end] of ends.entries()) {
      if (width === 8) bytes.writeBigInt64LE(BigInt(end), index * 8)
      else bytes.writeIntLE(end, index * width, width)
    }
    return bytes
  }
}
