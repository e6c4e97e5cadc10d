/**
 * Arrow: writes test files with Apache's own writer, and reads ours with its reader.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import {
  Binary,
  CompressionType,
  compressionRegistry,
  type DataType,
  Field,
  List,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow"

compressionRegistry.set(CompressionType.ZSTD, { encode: zstdCompressSync, decode: zstdDecompressSync })

/** A file as Hugging Face's `save_to_disk` writes it, or as Feather has it. */
export type ArrowForm = "file" | "stream"

/** Pictures as Hugging Face stores them. */
export const IMAGE = new Struct([new Field("bytes", new Binary(), true), new Field("path", new Utf8(), true)])
/** Several of them in a row. */
export const IMAGES = new List(new Field("item", IMAGE, true))

/** What Hugging Face keeps about such a column. */
export const FEATURES = '{"info":{"features":{"image":{"_type":"Image"}}}}'

/** Columns of a record batch, by name. */
export type Columns = Readonly<Record<string, { readonly type: DataType; readonly values: readonly unknown[] }>>

/** A table with one record batch for each set of columns. */
export function arrowTable(batches: readonly Columns[], metadata: Readonly<Record<string, string>> = {}): Table {
  const fields = Object.entries(batches[0] ?? {}).map(([name, { type }]) => new Field(name, type, true))
  const schema = new Schema(fields, new Map(Object.entries(metadata)))
  const made = batches.flatMap((columns) => {
    const vectors = Object.entries(columns).map(([name, { type, values }]) => [name, vectorFromArray(values, type)])
    return new Table(Object.fromEntries(vectors)).batches.map((batch) => new RecordBatch(schema, batch.data))
  })
  return new Table(schema, made)
}

/** Writes a table. */
export function writeArrow(table: Table, form: ArrowForm): Buffer {
  const Writer = form === "file" ? RecordBatchFileWriter : RecordBatchStreamWriter
  const writer = new Writer()
  writer.writeAll(table)
  return Buffer.from(writer.toUint8Array(true))
}

/** The rows of a file, as plain values. */
export function arrowRows(bytes: Uint8Array): readonly unknown[] {
  return plain(tableFromIPC(bytes).toArray()) as readonly unknown[]
}

/** Numbers of rows in a file's record batches. */
export function batchRows(bytes: Uint8Array): readonly number[] {
  return tableFromIPC(bytes).batches.map(({ numRows }) => numRows)
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value)
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")
  if (value === null || typeof value !== "object") return value
  if (Symbol.iterator in value && !("toJSON" in value && "length" in value === false)) {
    return [...(value as Iterable<unknown>)].map(plain)
  }
  const own = "toJSON" in value ? (value as { toJSON(): object }).toJSON() : value
  return Object.fromEntries(Object.entries(own).map(([key, member]) => [key, plain(member)]))
}
