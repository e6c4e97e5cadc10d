/**
 * Parquet files of one column that may lie about it.
 */
import { THRIFT } from "../../src/containers/parquet/thrift.ts"
import {
  type EncodedField,
  encodeStruct,
  integerField,
  listField,
  structField,
} from "../../src/containers/parquet/thrift-write.ts"

const MAGIC = Buffer.from("PAR1")
/** A field that is a text. */
export const binary = (id: number, text: string): EncodedField => ({
  id,
  type: THRIFT.binary,
  value: Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]),
})
const i32 = (id: number, value: number) => integerField(id, value, THRIFT.i32)

/** What a file says of its column. */
export interface ColumnFacts {
  readonly rows?: number
  readonly entries?: number
  readonly codec?: number
  readonly start?: number
  readonly length?: number
  readonly groups?: number
  /** 1 optional, 2 repeated. */
  readonly repetition?: number
  readonly extra?: readonly EncodedField[]
  /** By default `data`, of bytes. */
  readonly text?: string
  /** Row groups without rows before the others. */
  readonly emptyGroups?: number
}

/** A file of one column of byte arrays, with pages as given. */
export function fileOf(pages: Uint8Array, facts: ColumnFacts = {}): Buffer {
  const { rows = 1, entries = rows, codec = 0, start = 4, length = pages.length, groups = 1, repetition = 0 } = facts
  const { text, emptyGroups = 0 } = facts
  const name = text ?? "data"
  const root = encodeStruct([binary(4, "schema"), i32(5, 1)])
  const column = encodeStruct([
    i32(1, 6),
    i32(3, repetition),
    binary(4, name),
    ...(text === undefined ? [] : [i32(6, 0)]),
  ])
  const metaOf = (values: number, bytes: number) =>
    structField(3, [
      i32(1, 6),
      listField(2, THRIFT.i32, []),
      listField(3, THRIFT.binary, [Buffer.concat([Buffer.from([name.length]), Buffer.from(name)])]),
      i32(4, codec),
      integerField(5, values),
      integerField(6, bytes),
      integerField(7, bytes),
      integerField(9, start),
    ])
  const groupOf = (groupRows: number, values: number, bytes: number) => {
    const chunk = encodeStruct([integerField(2, 0), metaOf(values, bytes), ...(facts.extra ?? [])])
    return encodeStruct([listField(1, THRIFT.struct, [chunk]), integerField(2, bytes), integerField(3, groupRows)])
  }
  const [group, empty] = [groupOf(rows, entries, length), groupOf(0, 0, 0)]
  const footer = encodeStruct([
    i32(1, 1),
    listField(2, THRIFT.struct, [root, column]),
    integerField(3, rows * groups),
    listField(
      4,
      THRIFT.struct,
      Array.from({ length: emptyGroups + groups }, (_, index) => (index < emptyGroups ? empty : group)),
    ),
  ])
  return close(Buffer.concat([MAGIC, pages]), footer)
}

function close(body: Uint8Array, footer: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([body, footer, length, MAGIC])
}

/** What a page says of itself. */
export interface PageFacts {
  readonly inflated?: number
  readonly entries?: number
  readonly encoding?: number
  readonly dictionary?: boolean
}

/** A page with its header. */
export function page(body: Uint8Array, facts: PageFacts = {}): Buffer {
  const { inflated = body.length, entries = 1, encoding = 0, dictionary = false } = facts
  const described = dictionary
    ? structField(7, [i32(1, entries), i32(2, 0)])
    : structField(5, [i32(1, entries), i32(2, encoding), i32(3, 3), i32(4, 3)])
  const header = encodeStruct([i32(1, dictionary ? 2 : 0), i32(2, inflated), i32(3, body.length), described])
  return Buffer.concat([header, body])
}

/** A value of a plain page. */
export const value = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** An unsigned whole number as runs and headers have it. */
export function varint(number: number): readonly number[] {
  const bytes: number[] = []
  let rest = number
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
