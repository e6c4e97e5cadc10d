/**
 * Opens the columns of a record batch or dictionary batch whose body is in memory.
 * @module
 */
import type { Budget } from "../rows/budget.ts"
import type { BatchHeader, FieldNode } from "./batch.ts"
import { BytesColumn, ViewColumn } from "./columns/bytes.ts"
import { type Column, type ColumnParts, type LoadedBuffer, RowCost } from "./columns/column.ts"
import { Dictionary, DictionaryColumn, RowUses } from "./columns/dictionary.ts"
import { FixedListColumn, OffsetListColumn, ViewListColumn } from "./columns/lists.ts"
import { RunEndColumn } from "./columns/run-ends.ts"
import { BooleanColumn, FixedBytesColumn, NullColumn, ScalarColumn } from "./columns/scalars.ts"
import { StructColumn, UnionColumn } from "./columns/structs.ts"
import { inflateBuffer } from "./compression.ts"
import { malformed } from "./errors.ts"
import type { Field, Layout } from "./schema.ts"

/** What columns share while a file is read. */
export class ReadState {
  readonly budget: Budget
  readonly cost: RowCost
  readonly uses = new RowUses()
  /** By id. */
  readonly dictionaries = new Map<bigint, Dictionary>()

  constructor(budget: Budget) {
    this.budget = budget
    this.cost = new RowCost(budget)
  }
}

/** A body, and where it is in the file. */
export interface Body {
  readonly bytes: Uint8Array
  readonly offset: number
}

/** An opened batch. */
export interface OpenBatch {
  readonly rows: number
  readonly nodes: readonly FieldNode[]
  readonly columns: readonly Column[]
  /** Its buffers, inflated, in the order of its metadata. */
  readonly buffers: readonly Uint8Array[]
  /** Gives back what it holds of the budget, the body aside. */
  release(): void
}

/**
 * Opens a batch's columns, and checks all lengths and offsets.
 *
 * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_limit`
 */
export function openBatch(header: BatchHeader, body: Body, fields: readonly Field[], state: ReadState): OpenBatch {
  const reader = new BatchReader(header, body, state)
  const columns = fields.map((field) => reader.column(field))
  if (columns.some(({ length }) => length !== header.rows) || !reader.isAtEnd) throw malformed()
  const { rows, nodes } = header
  return { rows, nodes, columns, buffers: reader.buffers, release: () => state.budget.release(reader.heldBytes) }
}

class BatchReader {
  readonly buffers: Uint8Array[] = []
  heldBytes = 0
  readonly #header: BatchHeader
  readonly #body: Body
  readonly #state: ReadState
  #node = 0
  #variadic = 0

  constructor(header: BatchHeader, body: Body, state: ReadState) {
    this.#header = header
    this.#body = body
    this.#state = state
  }

  get isAtEnd(): boolean {
    const { nodes, buffers, variadic } = this.#header
    return this.#node === nodes.length && this.buffers.length === buffers.length && this.#variadic === variadic.length
  }

  column(field: Field): Column {
    const { dictionary } = field
    if (dictionary === undefined) return this.#plain(field, field.layout)
    const parts = this.#parts(field)
    const indexes = new ScalarColumn(parts, this.#buffer(), dictionary.index)
    const values = this.#state.dictionaries.get(dictionary.id) ?? new Dictionary()
    return new DictionaryColumn(parts, indexes, values, this.#state.uses)
  }

  #plain(field: Field, layout: Layout): Column {
    const { children } = field
    const all = () => children.map((child) => this.column(child))
    const first = () => {
      const [child] = all()
      if (child === undefined) throw malformed()
      return child
    }
    switch (layout.kind) {
      case "null":
        return new NullColumn(this.#withoutValidity(field, true))
      case "scalar": {
        const parts = this.#parts(field)
        if (layout.content === "boolean") return new BooleanColumn(parts, this.#buffer())
        return new ScalarColumn(parts, this.#buffer(), layout)
      }
      case "fixed":
        return new FixedBytesColumn(this.#parts(field), this.#buffer(), layout.widthBytes)
      case "bytes":
        return new BytesColumn(this.#parts(field), this.#buffer(), this.#buffer(), layout)
      case "view":
        return new ViewColumn(this.#parts(field), this.#buffer(), this.#variadicBuffers(), layout)
      case "list":
        return new OffsetListColumn(this.#parts(field), this.#buffer(), first(), layout.offsetBytes)
      case "list-view": {
        const parts = this.#parts(field)
        const places = { offsets: this.#buffer(), sizes: this.#buffer() }
        return new ViewListColumn(parts, places, first(), layout.offsetBytes)
      }
      case "fixed-list":
        return new FixedListColumn(this.#parts(field), first(), layout.size)
      case "struct":
        return new StructColumn(this.#parts(field), all())
      case "union": {
        const parts = this.#header.hasUnionNulls ? this.#parts(field) : this.#withoutValidity(field, false)
        const places = { types: this.#buffer(), offsets: layout.isDense ? this.#buffer() : undefined }
        return new UnionColumn(parts, places, all(), layout)
      }
      case "run-end":
        return this.#runEnds(field)
    }
  }

  #runEnds(field: Field): Column {
    const parts = this.#withoutValidity(field, false)
    const [endField, valueField] = field.children
    if (endField?.layout.kind !== "scalar" || valueField === undefined) throw malformed()
    const ends = new ScalarColumn(this.#parts(endField), this.#buffer(), endField.layout)
    return new RunEndColumn(parts, ends, this.column(valueField), endField.layout.widthBits / 8)
  }

  #parts(field: Field): ColumnParts {
    const node = this.#nextNode()
    return { field, node, validity: this.#buffer().bytes, cost: this.#state.cost }
  }

  #withoutValidity(field: Field, mayBeNull: boolean): ColumnParts {
    const { length, nulls } = this.#nextNode()
    if (!mayBeNull && nulls > 0) throw malformed()
    return { field, node: { length, nulls: 0 }, validity: new Uint8Array(), cost: this.#state.cost }
  }

  #nextNode(): FieldNode {
    const node = this.#header.nodes[this.#node++]
    if (node === undefined || node.nulls > node.length) throw malformed()
    return node
  }

  #variadicBuffers(): readonly LoadedBuffer[] {
    const count = this.#header.variadic[this.#variadic++]
    if (count === undefined || count > this.#header.buffers.length) throw malformed()
    return Array.from({ length: count }, () => this.#buffer())
  }

  #buffer(): LoadedBuffer {
    const { buffers, codec } = this.#header
    const place = buffers[this.buffers.length]
    if (place === undefined) throw malformed()
    const stored = this.#body.bytes.subarray(place.start, place.start + place.length)
    if (codec === undefined) {
      this.buffers.push(stored)
      return { bytes: stored, offset: this.#body.offset + place.start }
    }
    const bytes = inflateBuffer(stored, codec, this.#state.budget)
    if (bytes.buffer !== stored.buffer) this.heldBytes += bytes.length
    this.buffers.push(bytes)
    return { bytes, offset: undefined }
  }
}
