/**
 * The footer of a Parquet file: schema, row groups, and where each column's bytes are.
 * @module
 */
import { NightlightError, ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { KeyValue } from "../rows/row-samples.ts"
import { bomb, malformed, tooLarge } from "./malformed.ts"
import { readSchema, type Schema } from "./schema.ts"
import { binaryOf, countOf, integerOf, readStruct, structOf, structsOf, type ThriftStruct } from "./thrift.ts"

/** The bytes that Parquet files begin and end with. */
export const MAGIC = Buffer.from("PAR1")
/** The same where the footer is encrypted. */
export const ENCRYPTED_MAGIC = Buffer.from("PARE")
/** Length of the metadata, and the magic bytes behind it. */
export const TAIL_BYTES = 8

const MAX_FOOTER_BYTES = 64 * 2 ** 20
/** Columns of all row groups: what is noted about each is held in memory. */
const MAX_CHUNKS = 2_000_000
const MAX_ROWS = 2 ** 31 - 1

/** A file's metadata. */
export interface ParquetFooter {
  readonly metadata: ThriftStruct
  /** Offset of the metadata in the file. */
  readonly start: number
  readonly schema: Schema
  readonly rows: number
  readonly groupCount: number
  /** Reads the description of a row group. @throws {ShardError} `shard_malformed`, `shard_unsafe` */
  group(index: number): RowGroup
  /** Key-value metadata: `huggingface`, `ARROW:schema` and others. */
  readonly keyValues: readonly KeyValue[]
  /** Whether the metadata fills the footer. */
  readonly isTight: boolean
}

/** Some rows of a file, each column in one chunk. */
export interface RowGroup {
  readonly struct: ThriftStruct
  readonly rows: number
  readonly chunks: readonly ColumnChunk[]
}

/** A column's bytes in one row group. */
export interface ColumnChunk {
  readonly struct: ThriftStruct
  readonly meta: ThriftStruct
  /** Offset of its first page. */
  readonly start: number
  /** Bytes of all its pages with their headers. */
  readonly length: number
  readonly codec: number
  /** Its values and nulls. */
  readonly entries: number
  readonly isEncrypted: boolean
}

/**
 * Reads a file's footer.
 *
 * @throws {ShardError} `shard_malformed`; `shard_limit`; `shard_bomb` if chunks overlap; `shard_unsafe` where columns are
 * in other files or all is encrypted.
 */
export async function readFooter(source: RandomSource, limits: ReaderLimits): Promise<ParquetFooter> {
  try {
    return await read(source, limits)
  } catch (error) {
    if (error instanceof NightlightError) throw error
    throw malformed()
  }
}

async function read(source: RandomSource, limits: ReaderLimits): Promise<ParquetFooter> {
  if (source.sizeBytes < MAGIC.length + TAIL_BYTES) throw malformed()
  const tail = Buffer.from(await source.read(source.sizeBytes - TAIL_BYTES, TAIL_BYTES))
  const mark = tail.subarray(4)
  if (mark.equals(ENCRYPTED_MAGIC)) throw new ShardError("shard_unsafe", "a Parquet file's footer is encrypted")
  if (!mark.equals(MAGIC)) throw malformed()
  const length = tail.readUInt32LE(0)
  const start = source.sizeBytes - TAIL_BYTES - length
  if (start < MAGIC.length) throw malformed()
  if (length > MAX_FOOTER_BYTES) throw tooLarge("a longer footer")
  const bytes = await source.read(start, length)
  if (bytes.length < length) throw malformed()
  const metadata = readStruct(bytes, 0)
  const schema = readSchema(metadata, limits.sampleItems)
  const groups = structsOf(metadata, 4)
  if (groups.length * schema.leaves.length > MAX_CHUNKS) throw tooLarge("more row groups")
  const rows = countOf(metadata, 3)
  if (rows > MAX_ROWS) throw tooLarge("more rows")
  const group = (index: number) => readGroup(readStruct(bytes, groups[index] ?? length), { schema, start })
  const footer = { metadata, start, schema, rows, groupCount: groups.length, group }
  checkSums(footer, source.sizeBytes)
  return { ...footer, keyValues: keyValuesOf(metadata), isTight: metadata.end === length }
}

/** Chunks that overlap could be read any number of times. */
function checkSums({ rows, groupCount, group }: Pick<ParquetFooter, "rows" | "groupCount" | "group">, size: number) {
  let groupRows = 0
  let chunkBytes = 0
  for (let index = 0; index < groupCount; index++) {
    const { rows: own, chunks } = group(index)
    groupRows += own
    for (const { length } of chunks) chunkBytes += length
  }
  if (groupRows !== rows) throw malformed()
  if (chunkBytes > size) throw bomb()
}

function readGroup(
  struct: ThriftStruct,
  { schema, start: end }: { readonly schema: Schema; readonly start: number },
): RowGroup {
  const rows = countOf(struct, 3)
  const columns = structsOf(struct, 1)
  if (columns.length !== schema.leaves.length) throw malformed()
  const chunks = columns.map((offset, index): ColumnChunk => {
    const column = readStruct(struct.bytes, offset)
    if (column.fields.has(1)) throw new ShardError("shard_unsafe", "a Parquet file's columns are in other files")
    const isEncrypted = column.fields.has(8) || column.fields.has(9)
    const meta = structOf(column, 3)
    if (meta === undefined) {
      if (!isEncrypted) throw malformed()
      return { struct: column, meta: column, start: 4, length: 0, codec: 0, entries: 0, isEncrypted }
    }
    const leaf = schema.leaves[index]
    const entries = countOf(meta, 5)
    if (integerOf(meta, 1) !== leaf?.leaf.physical) throw malformed()
    if (leaf?.repetition === 0 && entries !== rows) throw malformed()
    const dataStart = countOf(meta, 9)
    const dictionaryStart = integerOf(meta, 11) ?? 0
    const start = dictionaryStart > 0 && dictionaryStart < dataStart ? dictionaryStart : dataStart
    const length = countOf(meta, 7)
    if ((length > 0 && start < MAGIC.length) || start + length > end) throw malformed()
    return { struct: column, meta, start, length, codec: countOf(meta, 4), entries, isEncrypted }
  })
  return { struct, rows, chunks }
}

function keyValuesOf(metadata: ThriftStruct): readonly KeyValue[] {
  return structsOf(metadata, 5).map((offset) => {
    const entry = readStruct(metadata.bytes, offset)
    const text = (id: number) => Buffer.from(binaryOf(entry, id) ?? []).toString("utf8")
    return { key: text(1), value: text(2) }
  })
}
