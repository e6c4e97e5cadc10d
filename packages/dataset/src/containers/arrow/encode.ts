/**
 * Writes a record batch again: its metadata with other numbers in the same places, and a new body.
 * @module
 */
import { isDeepStrictEqual } from "node:util"
import { type BatchHeader, BUFFERS, NODES, readBatchHeader } from "./batch.ts"
import type { RebuiltParts } from "./columns/column.ts"
import { deflateBuffer } from "./compression.ts"
import { unsafe } from "./errors.ts"
import { FlatTable } from "./flatbuffer.ts"
import { MESSAGE, type Message } from "./message.ts"

/** A message's metadata, without its prefix, and its body. */
export interface EncodedMessage {
  readonly metadata: Uint8Array
  readonly body: Uint8Array
}

/** Buffers begin at multiples of this; writers for wide registers take 64. */
const LEAST_ALIGNMENT_BYTES = 8
const WIDE_ALIGNMENT_BYTES = 64

/**
 * Writes a batch with other parts. All else of its metadata stays.
 *
 * @throws {ShardError} `shard_unsafe` where the metadata has numbers that share their bytes.
 */
export function encodeBatch(
  message: Message,
  header: BatchHeader,
  { rows, parts }: { readonly rows: number; readonly parts: RebuiltParts },
): EncodedMessage {
  const { buffers, codec } = header
  const stored = parts.buffers.map((bytes) => (codec === undefined ? bytes : deflateBuffer(bytes, codec)))
  const isWide = buffers.every(({ start }) => start % WIDE_ALIGNMENT_BYTES === 0)
  const alignment = isWide && buffers.length > 1 ? WIDE_ALIGNMENT_BYTES : LEAST_ALIGNMENT_BYTES
  let end = 0
  const places = stored.map(({ length }) => {
    const place = { start: end, length }
    end = Math.ceil((end + length) / alignment) * alignment
    return place
  })
  const body = new Uint8Array(end)
  for (const [index, bytes] of stored.entries()) body.set(bytes, places[index]?.start)
  const metadata = Buffer.from(message.metadata)
  const root = FlatTable.root(metadata)
  const own = root.table(2)
  const table = message.kind === MESSAGE.dictionary ? own?.table(1) : own
  if (table === undefined) throw changed()
  writeSize(root, 3, end)
  writeSize(table, 0, rows)
  writePairs(
    table,
    NODES,
    parts.nodes.map(({ length, nulls }) => [length, nulls] as const),
  )
  writePairs(
    table,
    BUFFERS,
    places.map(({ start, length }) => [start, length] as const),
  )
  assertWritten({ ...message, root, header: own ?? root, bodyBytes: end }, { rows, nodes: parts.nodes, places })
  return { metadata, body }
}

function writeSize(table: FlatTable, id: number, value: number): void {
  const place = table.placeOf(id, 8)
  if (place !== undefined) table.view.setBigInt64(place, BigInt(value), true)
  else if (value !== 0) throw changed()
}

function writePairs(table: FlatTable, id: number, pairs: readonly (readonly [number, number])[]): void {
  const start = table.vector(id, 16)?.start ?? 0
  for (const [index, [first, second]] of pairs.entries()) {
    table.view.setBigInt64(start + 16 * index, BigInt(first), true)
    table.view.setBigInt64(start + 16 * index + 8, BigInt(second), true)
  }
}

/** Reads what was written, in case two of the numbers were in the same place. */
function assertWritten(
  message: Message,
  { rows, nodes, places }: Pick<BatchHeader, "rows" | "nodes"> & { readonly places: BatchHeader["buffers"] },
): void {
  const written = readBatchHeader(message)
  const numbers = ({ length, nulls }: BatchHeader["nodes"][number]) => [length, nulls]
  const isSame =
    written.rows === rows &&
    message.root.size(3) === message.bodyBytes &&
    isDeepStrictEqual(written.nodes.map(numbers), nodes.map(numbers)) &&
    isDeepStrictEqual(written.buffers, places)
  if (!isSame) throw changed()
}

const changed = () => unsafe("has metadata that cannot be written again")
