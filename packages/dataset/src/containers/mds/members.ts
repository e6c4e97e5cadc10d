/**
 * The items of an MDS sample: its pictures, arrays and other bytes, and one JSON of its texts and numbers.
 * @module
 */
import { isUtf8 } from "node:buffer"
import { SNIFF_BYTES, sniffMedia } from "@nightlight/core"
import { scanJson } from "../records/json-strings.ts"
import { readArray, readRawPicture, type StoredArray, toNpy } from "./npy.ts"
import type { MdsCell } from "./rows.ts"

/** An item of a sample. */
export interface MdsMember {
  /** Its column, and its position where that holds several. */
  readonly name: string
  readonly bytes: Buffer
  /** In the sample, where the bytes stand there as they are. */
  readonly offset?: number
  /** Whether it is the JSON of the other columns. */
  readonly isJson?: true
}

const TEXTS = new Set(["str", "json", "str_int", "str_float", "str_decimal"])
const NUMBERS = /^(?:int|u?int(?:8|16|32|64)|float(?:16|32|64))$/
/** Columns of several pictures: `jpeg_array`, and `list[...]` with a word before the count. */
const LISTS = /^(?:jpeg_?array|list\[(\w+)\])$/

/**
 * Lists a sample's items in the order of its columns, the JSON last. A value that is not what its column says is an item
 * of its own bytes, which the decoder recognises or not.
 */
export function membersOfRow(cells: readonly MdsCell[]): readonly MdsMember[] {
  const members: MdsMember[] = []
  const fields: string[] = []
  for (const cell of cells) {
    const text = fieldOf(cell)
    if (text === undefined) members.push(...membersOfCell(cell))
    else fields.push(`${JSON.stringify(cell.column.name)}:${text}`)
  }
  if (fields.length > 0) members.push({ name: "columns", bytes: Buffer.from(`{${fields.join(",")}}`), isJson: true })
  return members
}

/** The JSON of a text or number; numbers are written as the hexadecimal digits of their bytes. */
function fieldOf({ column: { encoding }, bytes }: MdsCell): string | undefined {
  if (NUMBERS.test(encoding) && bytes.length <= 8) return JSON.stringify(bytes.toString("hex"))
  if (!TEXTS.has(encoding) || !isUtf8(bytes)) return undefined
  if (encoding === "json" && scanJson(bytes, Number.POSITIVE_INFINITY, () => {}) === "valid")
    return bytes.toString("utf8")
  return JSON.stringify(bytes.toString("utf8"))
}

function membersOfCell(cell: MdsCell): readonly MdsMember[] {
  const { column, bytes } = cell
  const { encoding } = column
  if (encoding === "pil") return [arrayMember(cell, readRawPicture(bytes))]
  if (encoding.split(":")[0] === "ndarray") return [arrayMember(cell, readArray(bytes, encoding))]
  const list = LISTS.exec(encoding)
  const inner = list === null ? undefined : splitList(cell, list[1] === undefined ? 0 : 4)
  if (inner === undefined) return [rawMember(cell)]
  return inner.map((one) => (list?.[1] === "pil" ? arrayMember(one, readRawPicture(one.bytes)) : rawMember(one)))
}

function rawMember({ column: { name }, offset, bytes }: MdsCell): MdsMember {
  return { name, bytes, offset }
}

function arrayMember(cell: MdsCell, array: StoredArray | undefined): MdsMember {
  if (array === undefined) return rawMember(cell)
  const { data, descr, shape } = array
  // Encoded pictures are stored as flat arrays of bytes, too.
  if (descr === "|u1" && shape.length === 1 && isMedia(data)) {
    return { name: cell.column.name, bytes: data, offset: cell.offset + cell.bytes.length - data.length }
  }
  return { name: cell.column.name, bytes: toNpy(array) }
}

function isMedia(bytes: Buffer): boolean {
  const { kind } = sniffMedia(bytes.subarray(0, SNIFF_BYTES), bytes.length)
  return kind !== "unknown" && kind !== "text"
}

/** Cuts a list: its count, the sizes of its values, the values. `undefined` if they are not exactly all of it. */
function splitList({ column, offset, bytes }: MdsCell, start: number): readonly MdsCell[] | undefined {
  if (start + 4 > bytes.length) return undefined
  const count = bytes.readUInt32LE(start)
  let position = start + 4 + 4 * count
  if (position > bytes.length) return undefined
  const cells: MdsCell[] = []
  for (let index = 0; index < count; index++) {
    const end = position + bytes.readUInt32LE(start + 4 + 4 * index)
    if (end > bytes.length) return undefined
    const inner = { ...column, name: `${column.name}[${index}]` }
    cells.push({ column: inner, offset: offset + position, bytes: bytes.subarray(position, end) })
    position = end
  }
  return position === bytes.length ? cells : undefined
}
