/**
 * Assembles a row of its columns' entries: the binary cells, and the other cells as JSON.
 *
 * Source: Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets" (VLDB 2010), section 4.3.
 * @module
 */
import type { ReaderLimits } from "../../readers/types.ts"
import { type BuiltRow, type ByteValue, RowBuilder } from "../rows/row-builder.ts"
import { hexJson } from "../rows/value-json.ts"
import { malformed } from "./malformed.ts"
import type { RowEntries } from "./row-entries.ts"
import { scalarJson } from "./row-json.ts"
import type { Leaf, SchemaNode } from "./schema.ts"

/** Assembles rows, one after another. */
export class RowAssembler {
  readonly #columns: readonly SchemaNode[]
  readonly #entries: readonly RowEntries[]
  readonly #row: RowBuilder

  /**
   * @param columns - Columns of the schema that are read.
   * @param entries - Of every column, by position.
   * @param limits - `itemBytes`: most UTF-16 units of a row's JSON.
   */
  constructor(columns: readonly SchemaNode[], entries: readonly RowEntries[], limits: ReaderLimits) {
    this.#columns = columns
    this.#entries = entries
    this.#row = new RowBuilder(limits)
  }

  /** @throws {ShardError} `shard_malformed` if the columns contradict each other. */
  next(): BuiltRow {
    this.#row.begin()
    this.#fields(this.#columns)
    for (const { firstLeaf, endLeaf } of this.#columns) {
      for (let leaf = firstLeaf; leaf < endLeaf; leaf++) {
        const entries = this.#entries[leaf]
        if (entries === undefined || entries.position !== entries.size) throw malformed()
      }
    }
    return this.#row.finish()
  }

  #fields(nodes: readonly SchemaNode[]): void {
    this.#row.fields(nodes, (node) => this.#node(node))
  }

  #node(node: SchemaNode): void {
    if (node.isRepeated) this.#elements(node)
    else if (node.isOptional && this.#level(node) < node.definition) this.#absent(node)
    else this.#present(node)
  }

  #present(node: SchemaNode): void {
    const [only] = node.children
    if (node.leaf !== undefined) this.#value(node, node.leaf)
    else if (node.shape === "list" && only !== undefined) this.#elements(only)
    else if (isPictureStruct(node)) this.#picture(node)
    else this.#fields(node.children)
  }

  /** Reads a repeated node's elements, of which there may be none. */
  #elements(node: SchemaNode): void {
    if (this.#level(node) < node.definition) {
      this.#skipAbsent(node)
      this.#row.write("[]")
      return
    }
    const entries = this.#entriesOf(node)
    const [only] = node.children
    // The group between a list and its elements has no name that anyone knows.
    const isBare = only !== undefined && node.children.length === 1
    for (let index = 0; ; index++) {
      this.#row.element(index, () => (isBare ? this.#node(only) : this.#present(node)))
      const isMore = entries.position < entries.size && (entries.repetitions[entries.position] ?? 0) >= node.repetition
      if (!isMore) break
    }
    this.#row.write("]")
  }

  #value(node: SchemaNode, leaf: Leaf): void {
    const entries = this.#entriesOf(node)
    const index = this.#take(entries, node)
    const value = valueAt(node, entries, index)
    const { bytes, start, length } = value
    if (leaf.content === "text") this.#row.text(value)
    else if (leaf.content === "bytes") this.#row.bytes(value)
    else this.#row.write(leaf.content === "hex" ? hexJson(bytes, start, length) : scalarJson(leaf, bytes, start))
  }

  /** A picture as Hugging Face stores it: its bytes, or the path of another file. */
  #picture(node: SchemaNode): void {
    const [first, second] = node.children
    const [bytes, path] = first?.name === "bytes" ? [first, second] : [second, first]
    if (bytes === undefined || path === undefined) throw malformed()
    const isPresent = !bytes.isOptional || this.#level(bytes) >= bytes.definition
    if (isPresent) {
      const entries = this.#entriesOf(bytes)
      const index = this.#take(entries, bytes)
      // No bytes are no picture: as if there were none.
      if ((entries.lengths[index] ?? 0) > 0) this.#row.cell(valueAt(bytes, entries, index))
    } else {
      this.#skipAbsent(bytes)
      if (this.#level(path) >= path.definition) this.#row.external()
    }
    this.#fields([path])
  }

  #absent(node: SchemaNode): void {
    this.#skipAbsent(node)
    this.#row.write("null")
  }

  /** Passes over the one entry that each column has where a node is null or a list empty. */
  #skipAbsent(node: SchemaNode): void {
    for (let leaf = node.firstLeaf; leaf < node.endLeaf; leaf++) {
      const entries = this.#entries[leaf]
      if (entries === undefined || entries.position >= entries.size) throw malformed()
      if ((entries.definitions[entries.position++] ?? node.definition) >= node.definition) throw malformed()
    }
  }

  /** Definition level of the next entry of a node's first column. */
  #level(node: SchemaNode): number {
    const entries = this.#entriesOf(node)
    const level = entries.definitions[entries.position]
    if (level === undefined || entries.position >= entries.size) throw malformed()
    return level
  }

  #take(entries: RowEntries, node: SchemaNode): number {
    const index = entries.position++
    if (index >= entries.size || entries.definitions[index] !== node.definition) throw malformed()
    return index
  }

  #entriesOf(node: SchemaNode): RowEntries {
    const entries = this.#entries[node.firstLeaf]
    if (entries === undefined) throw malformed()
    return entries
  }
}

function valueAt({ name }: SchemaNode, entries: RowEntries, index: number): ByteValue {
  return {
    name,
    bytes: entries.bytes[index] ?? new Uint8Array(),
    start: entries.starts[index] ?? 0,
    length: entries.lengths[index] ?? 0,
    offset: entries.offsets[index],
  }
}

/** Whether a group is `struct<bytes, path>`. */
export function isPictureStruct({ shape, children }: SchemaNode): boolean {
  const [first, second] = children
  if (shape !== "struct" || children.length !== 2 || first === undefined || second === undefined) return false
  const [bytes, path] = first.name === "bytes" ? [first, second] : [second, first]
  return bytes.name === "bytes" && path.name === "path" && isOwn(bytes, "bytes") && isOwn(path, "text")
}

function isOwn({ leaf, isRepeated }: SchemaNode, content: string): boolean {
  return leaf?.content === content && !isRepeated
}
