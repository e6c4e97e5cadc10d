/**
 * Columns of a record batch, which is in memory: their values are views of its buffers.
 * @module
 */
import type { Budget } from "../../rows/budget.ts"
import type { ByteValue, RowBuilder } from "../../rows/row-builder.ts"
import type { FieldNode } from "../batch.ts"
import { malformed, tooLarge } from "../errors.ts"
import type { Field } from "../schema.ts"
import { BitWriter, bitAt, countBits } from "./bits.ts"
import { eachValue, isInPlace, lengthOf, type Span } from "./spans.ts"

/** A buffer's bytes, inflated. */
export interface LoadedBuffer {
  readonly bytes: Uint8Array
  /** Offset of the bytes in the file, where they are stored as they are. */
  readonly offset: number | undefined
}

/** The parts of a record batch that keeps some values, in the order of its metadata. */
export interface RebuiltParts {
  readonly nodes: FieldNode[]
  readonly buffers: Uint8Array[]
  /** What stands for an emptied value of a dictionary of texts: readers want them to differ. */
  readonly fillOf?: (index: number) => Uint8Array
}

/** What writing rows costs. */
export class RowCost {
  readonly #budget: Budget
  #entries = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  beginRow(): void {
    this.#entries = 0
  }

  /** Counts a value. @throws {ShardError} `shard_limit` for a row with too many; `shard_bomb` */
  count(bytes: number): void {
    if (++this.#entries > MAX_ROW_ENTRIES) throw tooLarge("longer lists")
    this.#budget.count(bytes + ENTRY_BYTES)
  }
}

/** Values of one row. */
const MAX_ROW_ENTRIES = 2 ** 22
/** What reading a value costs, in bytes that could be read instead. */
const ENTRY_BYTES = 16

/** What a column is made of. */
export interface ColumnParts {
  readonly field: Field
  readonly node: FieldNode
  /** Empty where no value is null. */
  readonly validity: Uint8Array
  readonly cost: RowCost
}

/** A column, or a part of one. */
export abstract class Column {
  readonly field: Field
  readonly length: number
  readonly #node: FieldNode
  protected readonly validity: Uint8Array
  protected readonly cost: RowCost

  /** @throws {ShardError} `shard_malformed` if the number of nulls is not that of the bitmap: readers would differ. */
  constructor({ field, node, validity, cost }: ColumnParts) {
    this.field = field
    this.length = node.length
    this.#node = node
    this.validity = validity
    this.cost = cost
    if (validity.length > 0 && validity.length * 8 < node.length) throw malformed()
    if (validity.length === 0 ? node.nulls > 0 : countBits(validity, node.length) !== node.length - node.nulls) {
      throw malformed()
    }
  }

  get name(): string {
    return this.field.name
  }

  isNull(index: number): boolean {
    return this.validity.length > 0 && !bitAt(this.validity, index)
  }

  /** Writes a value to a row. @throws {ShardError} */
  write(row: RowBuilder, index: number): void {
    if (this.isNull(index)) {
      this.cost.count(0)
      row.write("null")
    } else {
      this.writeValue(row, index)
    }
  }

  /** Writes a value that is not null. */
  protected abstract writeValue(row: RowBuilder, index: number): void

  /** The bytes of a value that is not null; undefined for columns of other values. */
  bytesAt(_index: number): ByteValue | undefined {
    return undefined
  }

  /** Adds the parts of the column that has the values of spans, and nothing besides. */
  abstract rebuild(spans: readonly Span[], parts: RebuiltParts): void

  /** Adds the length and the bitmap of the values of spans. */
  protected rebuildValidity(spans: readonly Span[], { nodes, buffers }: RebuiltParts): void {
    const length = lengthOf(spans)
    if (this.validity.length === 0) {
      nodes.push({ length, nulls: 0 })
      buffers.push(this.validity)
      return
    }
    if (isInPlace(spans, this.length)) {
      nodes.push(this.#node)
      buffers.push(this.validity.subarray(0, Math.ceil(length / 8)))
      return
    }
    const bits = new BitWriter(length)
    let nulls = 0
    eachValue(spans, (index) => {
      const isPresent = bitAt(this.validity, index)
      if (!isPresent) nulls++
      bits.push(isPresent)
    })
    nodes.push({ length, nulls })
    buffers.push(bits.bytes)
  }
}
