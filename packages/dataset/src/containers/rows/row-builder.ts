/**
 * Builds what a scan sees of one row of a table: the binary cells, and the other cells as JSON.
 * @module
 */
import { digestBytesOf, type StatedOrigin } from "../../readers/stated-origin.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { InnerFiles } from "../records/inner-files.ts"
import { RowOrigin } from "./row-origin.ts"
import { hexJson, textJson } from "./value-json.ts"

/** A cell whose bytes are an item of its own. */
export interface BinaryCell {
  /** Such as `images[2]`. */
  readonly path: string
  readonly bytes: Uint8Array
  /** Offset of the bytes in the file, where they are stored as they are. */
  readonly offset: number | undefined
}

/** What a row holds. */
export interface BuiltRow {
  readonly cells: readonly BinaryCell[]
  /** Paths of pictures that lie in other files. */
  readonly external: readonly string[]
  /** Files that its texts carry as base64. */
  readonly inside: InnerFiles
  readonly origin: StatedOrigin
  /** The other cells as a JSON object; undefined where it is longer than the limit. */
  readonly json: string | undefined
}

/** A text or byte array of a row. */
export interface ByteValue {
  /** Name of its column. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly start: number
  readonly length: number
  /** As {@link BinaryCell.offset}. */
  readonly offset: number | undefined
}

/** Byte arrays this short are shown in the JSON: they are numbers and hashes. */
const SHORT_BYTES = 16

/** Builds rows, one after another: `begin`, a call for each value in the columns' order, `finish`. */
export class RowBuilder {
  readonly #limits: ReaderLimits
  readonly #origin = new RowOrigin()
  readonly #path: string[] = []
  #inside: InnerFiles
  #json = ""
  #cells: BinaryCell[] = []
  #external: string[] = []
  #isTooLong = false

  /** @param limits - `itemBytes`: most UTF-16 units of a row's JSON. */
  constructor(limits: ReaderLimits) {
    this.#limits = limits
    this.#inside = new InnerFiles(limits)
  }

  begin(): void {
    this.#json = ""
    this.#cells = []
    this.#external = []
    this.#inside = new InnerFiles(this.#limits)
    this.#isTooLong = false
  }

  finish(): BuiltRow {
    return {
      cells: this.#cells,
      external: this.#external,
      inside: this.#inside,
      origin: this.#origin.take(),
      json: this.#isTooLong ? undefined : this.#json,
    }
  }

  /** Adds to the JSON. */
  write(text: string): void {
    if (this.#isTooLong) return
    this.#json += text
    if (this.#json.length > this.#limits.itemBytes) {
      this.#isTooLong = true
      this.#json = ""
    }
  }

  /** Writes an object with a member for each node. */
  fields<Node extends { readonly name: string }>(nodes: readonly Node[], writeValue: (node: Node) => void): void {
    for (const [index, node] of nodes.entries()) {
      this.write(`${index === 0 ? "{" : ","}${JSON.stringify(node.name)}:`)
      this.#path.push(this.#path.length === 0 ? node.name : `.${node.name}`)
      writeValue(node)
      this.#path.pop()
    }
    this.write(nodes.length === 0 ? "{}" : "}")
  }

  /** Writes an element of a list, whose brackets are the caller's. */
  element(index: number, writeValue: () => void): void {
    this.write(index === 0 ? "[" : ",")
    this.#path.push(`[${index}]`)
    writeValue()
    this.#path.pop()
  }

  /** Writes a text; what claims to be one and is not UTF-8 becomes a cell. */
  text(value: ByteValue): void {
    this.#textOrCell(value, false)
  }

  /** Writes bytes: short ones and digests as digits, a text as such; others become a cell. */
  bytes(value: ByteValue): void {
    const { name, bytes, start, length } = value
    if (length > SHORT_BYTES && !digestBytesOf(name).includes(length)) {
      this.#textOrCell(value, true)
      return
    }
    const digits = hexJson(bytes, start, length)
    this.#origin.add(this.#path, Buffer.from(digits.slice(1, -1)))
    this.write(digits)
  }

  /** Adds bytes as an item of their own, whatever they are. */
  cell({ bytes, start, length, offset }: ByteValue): void {
    this.#cells.push({ path: this.#path.join(""), bytes: bytes.subarray(start, start + length), offset })
  }

  /** Notes a picture that lies in another file. */
  external(): void {
    this.#external.push(this.#path.join(""))
  }

  #textOrCell(value: ByteValue, mayBeBinary: boolean): void {
    const { bytes, start, length } = value
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, length)
    const text = mayBeBinary && view.includes(0) ? undefined : textJson(view)
    if (text === undefined) {
      this.cell(value)
    } else {
      this.#origin.add(this.#path, view)
      this.#inside.add(view, () => this.#path.join(""))
    }
    this.write(text ?? "null")
  }
}
