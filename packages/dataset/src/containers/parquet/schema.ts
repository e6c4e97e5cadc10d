/**
 * A Parquet schema as a tree, with the levels by which nested values are assembled.
 *
 * Source: Apache Parquet, `parquet.thrift` and `LogicalTypes.md`.
 * @module
 */
import { digestBytesOf } from "../../readers/stated-origin.ts"
import { malformed, tooLarge } from "./malformed.ts"
import { binaryOf, integerOf, readStruct, structOf, structsOf, type ThriftStruct } from "./thrift.ts"

/** Physical types by their number in the format. */
export const PHYSICAL = {
  boolean: 0,
  int32: 1,
  int64: 2,
  int96: 3,
  float: 4,
  double: 5,
  bytes: 6,
  fixed: 7,
} as const

/** How the values of a column are shown in a row's JSON. */
export type LeafContent = "boolean" | "signed" | "unsigned" | "float" | "text" | "hex" | "bytes"

/** A column. */
export interface Leaf {
  /** Position among the columns. */
  readonly index: number
  /** One of {@link PHYSICAL}. */
  readonly physical: number
  /** Bytes of a value of fixed length; 0 where it varies. */
  readonly widthBytes: number
  readonly content: LeafContent
}

/** A column or group of columns. */
export interface SchemaNode {
  readonly name: string
  readonly isRepeated: boolean
  readonly isOptional: boolean
  /** Definition level from which it is present. */
  readonly definition: number
  /** Repetition level of its elements, counting its ancestors'. */
  readonly repetition: number
  readonly shape: "leaf" | "list" | "struct"
  readonly children: readonly SchemaNode[]
  readonly leaf?: Leaf
  /** First of its columns, and the position behind the last one. */
  readonly firstLeaf: number
  readonly endLeaf: number
}

/** The columns of a file. */
export interface Schema {
  readonly columns: readonly SchemaNode[]
  /** Nodes of columns, by position. */
  readonly leaves: readonly (SchemaNode & { readonly leaf: Leaf })[]
}

/** A hundred nested lists are three hundred levels. */
const MAX_DEPTH = 512

/**
 * Reads the schema of a file's metadata.
 *
 * @param maxLeaves - Most columns.
 * @throws {ShardError} `shard_malformed`, `shard_limit`
 */
export function readSchema(metadata: ThriftStruct, maxLeaves: number): Schema {
  const elements = structsOf(metadata, 2)
  const leaves: (SchemaNode & { readonly leaf: Leaf })[] = []
  let next = 0
  const element = (): ThriftStruct => {
    const start = elements[next++]
    if (start === undefined) throw malformed()
    return readStruct(metadata.bytes, start)
  }
  const read = (depth: number, above: { readonly definition: number; readonly repetition: number }): SchemaNode => {
    if (depth > MAX_DEPTH) throw tooLarge("deeper nesting")
    const struct = element()
    const repetitionType = integerOf(struct, 3) ?? 0
    const isRepeated = repetitionType === 2
    const isOptional = repetitionType === 1
    const definition = above.definition + (isRepeated || isOptional ? 1 : 0)
    const repetition = above.repetition + (isRepeated ? 1 : 0)
    const firstLeaf = leaves.length
    const about = { name: nameOf(struct), isRepeated, isOptional, definition, repetition, firstLeaf }
    const childCount = integerOf(struct, 5) ?? 0
    if (childCount > 0) {
      const children = Array.from({ length: Math.min(childCount, elements.length) }, () =>
        read(depth + 1, { definition, repetition }),
      )
      return { ...about, shape: isList(struct, children) ? "list" : "struct", children, endLeaf: leaves.length }
    }
    if (leaves.length >= maxLeaves) throw tooLarge("more columns")
    const leaf = readLeaf(struct, about.name, firstLeaf)
    const node = { ...about, shape: "leaf" as const, children: [], leaf, endLeaf: firstLeaf + 1 }
    leaves.push(node)
    return node
  }
  const root = element()
  const count = integerOf(root, 5) ?? 0
  if (count < 0 || count > elements.length) throw malformed()
  const columns = Array.from({ length: count }, () => read(0, { definition: 0, repetition: 0 }))
  if (next !== elements.length) throw malformed()
  return { columns, leaves }
}

function nameOf(struct: ThriftStruct): string {
  return Buffer.from(binaryOf(struct, 4) ?? []).toString("utf8")
}

const LIST = 3

/** A list as the format describes it, whose one repeated child holds the elements. */
function isList(struct: ThriftStruct, children: readonly SchemaNode[]): boolean {
  const isMarked = integerOf(struct, 6) === LIST || structOf(struct, 10)?.fields.has(3) === true
  return isMarked && children.length === 1 && children[0]?.isRepeated === true
}

const WIDTHS: Readonly<Record<number, number>> = {
  [PHYSICAL.boolean]: 1,
  [PHYSICAL.int32]: 4,
  [PHYSICAL.int64]: 8,
  [PHYSICAL.int96]: 12,
  [PHYSICAL.float]: 4,
  [PHYSICAL.double]: 8,
}

function readLeaf(struct: ThriftStruct, name: string, index: number): Leaf {
  const physical = integerOf(struct, 1)
  if (physical === undefined || physical < 0 || physical > PHYSICAL.fixed) throw malformed()
  const length = integerOf(struct, 2) ?? 0
  if (physical === PHYSICAL.fixed && length <= 0) throw malformed()
  const widthBytes = physical === PHYSICAL.fixed ? length : (WIDTHS[physical] ?? 0)
  const isDigest = structOf(struct, 10)?.fields.has(UUID) === true && digestBytesOf(name).includes(widthBytes)
  return { index, physical, widthBytes, content: isDigest ? "bytes" : contentOf(physical, struct) }
}

/** The logical type that some writers give to MD5 too, since it is 16 bytes. */
const UUID = 14
/** UTF8, ENUM and JSON. */
const TEXT_CONVERTED: readonly (number | undefined)[] = [0, 4, 19]
/** UINT_8 to UINT_64. */
const UNSIGNED_CONVERTED: readonly (number | undefined)[] = [11, 12, 13, 14]
/** DECIMAL and INTERVAL. */
const HEX_CONVERTED: readonly (number | undefined)[] = [5, 21]

function contentOf(physical: number, struct: ThriftStruct): LeafContent {
  const converted = integerOf(struct, 6)
  const logical = structOf(struct, 10)
  const isLogical = (...ids: readonly number[]) => ids.some((id) => logical?.fields.has(id) === true)
  switch (physical) {
    case PHYSICAL.boolean:
      return "boolean"
    case PHYSICAL.int32:
    case PHYSICAL.int64: {
      const integer = logical === undefined ? undefined : structOf(logical, 10)
      const isUnsigned = UNSIGNED_CONVERTED.includes(converted) || integer?.fields.get(2)?.type === 2
      return isUnsigned ? "unsigned" : "signed"
    }
    case PHYSICAL.float:
    case PHYSICAL.double:
      return "float"
    case PHYSICAL.int96:
      return "hex"
    default:
      // STRING, ENUM and JSON are text; DECIMAL, UUID and FLOAT16 are numbers, whatever their bytes.
      if (TEXT_CONVERTED.includes(converted) || isLogical(1, 4, 12)) return "text"
      return HEX_CONVERTED.includes(converted) || isLogical(5, 14, 15) ? "hex" : "bytes"
  }
}
