/**
 * The metadata of a record batch: lengths of its columns, and where their buffers are in its body.
 *
 * Source: Apache Arrow, `Message.fbs` (`RecordBatch`, `DictionaryBatch`).
 * @module
 */
import { malformed, unsafe } from "./errors.ts"
import { type FlatTable, type FlatVector, sizeAt } from "./flatbuffer.ts"
import { MESSAGE, type Message } from "./message.ts"

/** Compressions of buffers by their number in the format. */
export const CODEC = { lz4: 0, zstd: 1 } as const

/** Length of a column or a part of one, and its nulls. */
export interface FieldNode {
  readonly length: number
  readonly nulls: number
}

/** Where a buffer is in the body. */
export interface BufferPlace {
  readonly start: number
  readonly length: number
}

/** A record batch, or the values of a dictionary. */
export interface BatchHeader {
  readonly table: FlatTable
  readonly rows: number
  readonly nodes: readonly FieldNode[]
  readonly buffers: readonly BufferPlace[]
  /** Data buffers of each column of views. */
  readonly variadic: readonly number[]
  /** One of {@link CODEC}. */
  readonly codec: number | undefined
  /** Unions have a validity bitmap in metadata of version 4. */
  readonly hasUnionNulls: boolean
  /** The dictionary whose values these are. */
  readonly dictionary?: { readonly id: bigint; readonly isDelta: boolean }
}

/**
 * Reads the metadata of a record batch or dictionary batch.
 *
 * @throws {ShardError} `shard_malformed` if buffers lie outside the body or overlap; `shard_unsafe` for a compression
 * that is not known.
 */
export function readBatchHeader({ kind, header, root, bodyBytes }: Message): BatchHeader {
  const isDictionary = kind === MESSAGE.dictionary
  const table = isDictionary ? header.table(1) : header
  if (table === undefined) throw malformed()
  const compression = table.table(3)
  const codec = compression?.uint8(0)
  if (codec !== undefined && (codec > CODEC.zstd || compression?.uint8(1) !== 0)) {
    throw unsafe("has a compression that cannot be read")
  }
  const { view } = table
  const pairs = (vector: FlatVector | undefined) =>
    Array.from({ length: vector?.count ?? 0 }, (_, index) => {
      const place = (vector?.start ?? 0) + 16 * index
      return [sizeAt(view, place), sizeAt(view, place + 8)] as const
    })
  const nodes = pairs(table.vector(NODES, 16)).map(([length, nulls]) => ({ length, nulls }))
  const buffers = pairs(table.vector(BUFFERS, 16)).map(([start, length]) => ({ start, length }))
  assertApart(buffers, bodyBytes)
  const counts = table.vector(4, 8)
  const variadic = Array.from({ length: counts?.count ?? 0 }, (_, index) =>
    sizeAt(view, (counts?.start ?? 0) + 8 * index),
  )
  const about = { table, rows: table.size(0), nodes, buffers, variadic, codec, hasUnionNulls: root.int16(0) < 4 }
  return isDictionary ? { ...about, dictionary: { id: header.id64(0), isDelta: header.uint8(2) !== 0 } } : about
}

/** Fields of a record batch's table. */
export const NODES = 1
export const BUFFERS = 2

/** Buffers that overlap could be read any number of times. */
function assertApart(buffers: readonly BufferPlace[], bodyBytes: number): void {
  let end = 0
  const used = buffers.filter(({ length }) => length > 0)
  for (const { start, length } of used.toSorted((a, b) => a.start - b.start)) {
    if (start < end || start + length > bodyBytes) throw malformed()
    end = start + length
  }
}
