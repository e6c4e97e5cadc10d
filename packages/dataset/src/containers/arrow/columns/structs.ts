/**
 * Structs and unions.
 * @module
 */
import type { RowBuilder } from "../../rows/row-builder.ts"
import { malformed } from "../errors.ts"
import type { Field, Layout } from "../schema.ts"
import { Column, type ColumnParts, type LoadedBuffer, type RebuiltParts } from "./column.ts"
import { Offsets, writeOffset } from "./offsets.ts"
import { eachValue, lengthOf, type Span, SpanList } from "./spans.ts"

/** Structs, among them pictures as Hugging Face stores them: their bytes, or the path of another file. */
export class StructColumn extends Column {
  readonly #children: readonly Column[]
  readonly #picture: { readonly bytes: Column; readonly path: Column } | undefined

  constructor(parts: ColumnParts, children: readonly Column[]) {
    super(parts)
    this.#children = children
    this.#picture = pictureOf(children)
    // Values behind the last struct would be nobody's.
    if (children.some((child) => child.length !== this.length)) throw malformed()
  }

  protected writeValue(row: RowBuilder, index: number): void {
    this.cost.count(0)
    if (this.#picture !== undefined) this.#writePicture(row, index, this.#picture)
    else row.fields(this.#children, (child) => child.write(row, index))
  }

  #writePicture(row: RowBuilder, index: number, { bytes, path }: { bytes: Column; path: Column }): void {
    if (!bytes.isNull(index)) {
      const value = bytes.bytesAt(index)
      // No bytes are no picture: as if there were none.
      if (value !== undefined && value.length > 0) row.cell(value)
    } else if (!path.isNull(index)) {
      row.external()
    }
    row.fields([path], (child) => child.write(row, index))
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.rebuildValidity(spans, parts)
    const own = this.validity.length === 0 ? spans : emptiedWhere(spans, (index) => this.isNull(index))
    for (const child of this.#children) child.rebuild(own, parts)
  }
}

function emptiedWhere(spans: readonly Span[], isEmpty: (index: number) => boolean): readonly Span[] {
  const list = new SpanList()
  eachValue(spans, (index, isBlank) => list.push(index, 1, isBlank || isEmpty(index)))
  return list.spans
}

/** The parts of a `struct<bytes, path>`. */
function pictureOf(children: readonly Column[]): { readonly bytes: Column; readonly path: Column } | undefined {
  const [first, second] = children
  if (children.length !== 2 || first === undefined || second === undefined) return undefined
  const [bytes, path] = first.name === "bytes" ? [first, second] : [second, first]
  const isPicture = bytes.name === "bytes" && path.name === "path" && isBinary(bytes.field) && isText(path.field)
  return isPicture ? { bytes, path } : undefined
}

function isBinary({ layout }: Field): boolean {
  return layout.kind === "fixed" || ((layout.kind === "bytes" || layout.kind === "view") && !layout.isText)
}

function isText({ layout }: Field): boolean {
  return layout.kind === "null" || ((layout.kind === "bytes" || layout.kind === "view") && layout.isText)
}

/** Values of one of several types. */
export class UnionColumn extends Column {
  readonly #children: readonly Column[]
  readonly #types: Uint8Array
  /** Positions in the children; undefined where these are as long as the union. */
  readonly #offsets: Offsets | undefined
  readonly #childOf = new Map<number, number>()

  constructor(
    parts: ColumnParts,
    { types, offsets }: { readonly types: LoadedBuffer; readonly offsets: LoadedBuffer | undefined },
    children: readonly Column[],
    { typeIds }: Layout & { kind: "union" },
  ) {
    super(parts)
    this.#children = children
    this.#types = types.bytes
    this.#offsets = offsets === undefined ? undefined : new Offsets(offsets.bytes, 4, this.length)
    for (const [index, id] of typeIds.entries()) this.#childOf.set(id, index)
    if (types.bytes.length < this.length) throw malformed()
    if (offsets === undefined && children.some((child) => child.length !== this.length)) throw malformed()
  }

  protected writeValue(row: RowBuilder, index: number): void {
    this.cost.count(0)
    const { child, position } = this.#valueAt(index)
    // Its type says which of the same values it is, as a struct's member would.
    row.fields([child], () => child.write(row, position))
  }

  #valueAt(index: number): { readonly child: Column; readonly position: number } {
    const child = this.#children[this.#childOf.get(this.#types[index] ?? 0) ?? -1]
    const position = this.#offsets?.at(index) ?? index
    if (child === undefined || position >= child.length) throw malformed()
    return { child, position }
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    if (this.validity.length > 0) this.rebuildValidity(spans, parts)
    else parts.nodes.push({ length: lengthOf(spans), nulls: 0 })
    const types = new Uint8Array(lengthOf(spans))
    const offsets = new Uint8Array(this.#offsets === undefined ? 0 : types.length * 4)
    const offsetView = new DataView(offsets.buffer)
    const lists = new Map(this.#children.map((child) => [child, new SpanList()] as const))
    let at = 0
    eachValue(spans, (index, isBlank) => {
      const isEmpty = isBlank || this.isNull(index)
      const { child, position } = this.#valueAt(index)
      for (const [other, list] of lists) {
        if (this.#offsets === undefined) list.push(index, 1, isEmpty || other !== child)
        else if (other === child) {
          writeOffset(offsetView, at, 4, list.length)
          list.push(position, 1, isEmpty)
        }
      }
      types[at++] = this.#types[index] ?? 0
    })
    parts.buffers.push(types)
    if (this.#offsets !== undefined) parts.buffers.push(offsets)
    for (const [child, { spans: own }] of lists) child.rebuild(own, parts)
  }
}
