/**
 * Assembles a row of its columns' entries: the binary cells, and the other cells as JSON.
 *
 * Source: Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets" (VLDB 2010), section 4.3.
 * @module
 */
import type { ReaderLimits, StatedOrigin } from "../../readers/types.ts"
import { InnerFiles } from "../records/inner-files.ts"
import { malformed } from "./malformed.ts"
import type { RowEntries } from "./row-entries.ts"
import { hexJson, scalarJson, textJson } from "./row-json.ts"
import { RowOrigin } from "./row-origin.ts"
import type { Leaf, SchemaNode } from "./schema.ts"

/** A cell whose bytes are an item of its own. */
export interface BinaryCell {
  /** Such as `images[2]`. */
  readonly path: string
  readonly bytes: Uint8Array
  /** Offset of the bytes in the file, where they are stored as they are. */
  readonly offset: number | undefined
}

/** What a row holds. */
export interface AssembledRow {
  readonly cells: readonly BinaryCell[]
  /** Paths of pictures that lie in other files. */
  readonly external: readonly string[]
  /** Files that its texts carry as base64. */
  readonly inside: InnerFiles
  readonly origin: StatedOrigin
  /** The other cells as a JSON object; undefined where it is longer than the limit. */
  readonly json: string | undefined
}

/** Byte arrays this short are shown in the JSON: they are numbers and hashes. */
const SHORT_BYTES = 16
/** Lengths of MD5, SHA-1, SHA-256 and SHA-512, by a column's name. */
const DIGEST_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 }

/** Assembles rows, one after another. */
export class RowAssembler {
  readonly #columns: readonly SchemaNode[]
  readonly #entries: readonly RowEntries[]
  readonly #limits: ReaderLimits
  readonly #origin = new RowOrigin()
  readonly #path: string[] = []
  #inside: InnerFiles
  #json = ""
  #cells: BinaryCell[] = []
  #external: string[] = []
  #isTooLong = false

  /**
   * @param columns - Columns of the schema that are read.
   * @param entries - Of every column, by position.
   * @param limits - `itemBytes`: most UTF-16 units of a row's JSON.
   */
  constructor(columns: readonly SchemaNode[], entries: readonly RowEntries[], limits: ReaderLimits) {
    this.#columns = columns
    this.#entries = entries
    this.#limits = limits
    this.#inside = new InnerFiles(limits)
  }

  /** @throws {ShardError} `shard_malformed` if the columns contradict each other. */
  next(): AssembledRow {
    this.#json = ""
    this.#cells = []
    this.#external = []
    this.#inside = new InnerFiles(this.#limits)
    this.#isTooLong = false
    this.#fields(this.#columns)
    for (const { firstLeaf, endLeaf } of this.#columns) {
      for (let leaf = firstLeaf; leaf < endLeaf; leaf++) {
        const entries = this.#entries[leaf]
        if (entries === undefined || entries.position !== entries.size) throw malformed()
      }
    }
    return {
      cells: this.#cells,
      external: this.#external,
      inside: this.#inside,
      origin: this.#origin.take(),
      json: this.#isTooLong ? undefined : this.#json,
    }
  }

  #write(text: string): void {
    if (this.#isTooLong) return
    this.#json += text
    if (this.#json.length > this.#limits.itemBytes) {
      this.#isTooLong = true
      this.#json = ""
    }
  }

  #fields(nodes: readonly SchemaNode[]): void {
    for (const [index, node] of nodes.entries()) {
      this.#write(`${index === 0 ? "{" : ","}${JSON.stringify(node.name)}:`)
      this.#path.push(this.#path.length === 0 ? node.name : `.${node.name}`)
      this.#node(node)
      this.#path.pop()
    }
    this.#write(nodes.length === 0 ? "{}" : "}")
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
      this.#write("[]")
      return
    }
    const entries = this.#entriesOf(node)
    const [only] = node.children
    // The group between a list and its elements has no name that anyone knows.
    const isBare = only !== undefined && node.children.length === 1
    for (let index = 0; ; index++) {
      this.#write(index === 0 ? "[" : ",")
      this.#path.push(`[${index}]`)
      if (isBare) this.#node(only)
      else this.#present(node)
      this.#path.pop()
      const isMore = entries.position < entries.size && (entries.repetitions[entries.position] ?? 0) >= node.repetition
      if (!isMore) break
    }
    this.#write("]")
  }

  #value(node: SchemaNode, leaf: Leaf): void {
    const entries = this.#entriesOf(node)
    const index = this.#take(entries, node)
    const bytes = entries.bytes[index] ?? new Uint8Array()
    const start = entries.starts[index] ?? 0
    const length = entries.lengths[index] ?? 0
    if (leaf.content !== "text" && leaf.content !== "bytes") {
      this.#write(leaf.content === "hex" ? hexJson(bytes, start, length) : scalarJson(leaf, bytes, start))
      return
    }
    if (leaf.content === "bytes" && (length <= SHORT_BYTES || DIGEST_BYTES[node.name] === length)) {
      const digits = hexJson(bytes, start, length)
      this.#origin.add(this.#path, node.name, Buffer.from(digits.slice(1, -1)))
      this.#write(digits)
      return
    }
    const value = Buffer.from(bytes.buffer, bytes.byteOffset + start, length)
    const text = leaf.content === "bytes" && value.includes(0) ? undefined : textJson(value)
    if (text === undefined) {
      this.#cell(entries, index)
    } else {
      this.#origin.add(this.#path, node.name, value)
      this.#inside.add(value, () => this.#path.join(""))
    }
    this.#write(text ?? "null")
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
      if ((entries.lengths[index] ?? 0) > 0) this.#cell(entries, index)
    } else {
      this.#skipAbsent(bytes)
      if (this.#level(path) >= path.definition) this.#external.push(this.#path.join(""))
    }
    this.#fields([path])
  }

  #cell(entries: RowEntries, index: number): void {
    const start = entries.starts[index] ?? 0
    this.#cells.push({
      path: this.#path.join(""),
      bytes: entries.bytes[index]?.subarray(start, start + (entries.lengths[index] ?? 0)) ?? new Uint8Array(),
      offset: entries.offsets[index],
    })
  }

  #absent(node: SchemaNode): void {
    this.#skipAbsent(node)
    this.#write("null")
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
