/**
 * Messages: a length, metadata, and a body.
 *
 * Source: Apache Arrow, `Columnar.rst` (encapsulated message format) and `Message.fbs`.
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import type { KeyValue } from "../rows/row-samples.ts"
import { malformed, tooLarge, unsafe } from "./errors.ts"
import { FlatTable } from "./flatbuffer.ts"

/** Kinds of messages by their number in the format. */
export const MESSAGE = { schema: 1, dictionary: 2, batch: 3 } as const

/** Where a message is. */
export interface MessagePlace {
  readonly kind: number
  /** Offset of its first byte in the file. */
  readonly start: number
  /** Bytes before the metadata: 8; 4 as written before version 0.15; 0 before the schema in Polars' files. */
  readonly prefixBytes: number
  /** Without the prefix. */
  readonly metadataBytes: number
  readonly bodyStart: number
  readonly bodyBytes: number
}

/** A message's metadata. */
export interface Message extends MessagePlace {
  readonly metadata: Uint8Array
  readonly root: FlatTable
  readonly header: FlatTable
}

const MAX_METADATA_BYTES = 64 * 2 ** 20
const CONTINUATION = 0xffffffff
/** Metadata of version 4 (Arrow 0.8) and 5 (1.0). */
const VERSIONS: readonly number[] = [3, 4]

/**
 * Reads the message at an offset.
 *
 * @param end - Of the bytes in which messages lie.
 * @returns undefined where the stream ends: at its mark, or at `end`.
 * @throws {ShardError} `shard_malformed`, `shard_limit`; `shard_unsafe` for a version or kind that is not known.
 */
export async function readMessage(source: RandomSource, start: number, end: number): Promise<Message | undefined> {
  if (start === end) return undefined
  const prefix = await readExactly(source, start, Math.min(8, end - start))
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength)
  if (prefix.length < 4) throw malformed()
  const isMarked = view.getUint32(0, true) === CONTINUATION
  const prefixBytes = isMarked ? 8 : 4
  if (prefix.length < prefixBytes) throw malformed()
  const metadataBytes = view.getInt32(prefixBytes - 4, true)
  if (metadataBytes === 0) return undefined
  if (metadataBytes < 0 || start + prefixBytes + metadataBytes > end) throw malformed()
  const metadata = await readMetadata(source, start + prefixBytes, metadataBytes)
  return parseMessage(metadata, { start, prefixBytes, end })
}

/**
 * Reads a message's metadata.
 *
 * @throws {ShardError} `shard_malformed` if its body ends behind `end`; `shard_unsafe` for a version or kind that is not
 * known.
 */
export function parseMessage(
  metadata: Uint8Array,
  { start, prefixBytes, end }: { readonly start: number; readonly prefixBytes: number; readonly end: number },
): Message {
  const root = FlatTable.root(metadata)
  if (!VERSIONS.includes(root.int16(0))) throw unsafe("is of a version that cannot be read")
  const kind = root.uint8(1)
  if (kind < MESSAGE.schema || kind > MESSAGE.batch) throw unsafe("has messages of a kind that cannot be read")
  const header = root.table(2)
  if (header === undefined) throw malformed()
  const metadataBytes = metadata.length
  const bodyStart = start + prefixBytes + metadataBytes
  const bodyBytes = root.size(3)
  if (bodyStart + bodyBytes > end) throw malformed()
  return { kind, start, prefixBytes, metadataBytes, bodyStart, bodyBytes, metadata, root, header }
}

/** Field of a message's table that holds its own key-value metadata. */
export const MESSAGE_KEY_VALUES = 4

/** Reads a table's key-value metadata. @throws {ShardError} `shard_malformed` */
export function keyValuesOf(table: FlatTable, id: number): readonly KeyValue[] {
  const vector = table.vector(id, 4)
  if (vector === undefined) return []
  return Array.from({ length: vector.count }, (_, index) => {
    const pair = table.element(vector, index)
    return { key: pair.text(0), value: pair.text(1) }
  })
}

/** Reads a message's metadata. @throws {ShardError} `shard_malformed`, `shard_limit` */
export async function readMetadata(source: RandomSource, start: number, length: number): Promise<Uint8Array> {
  if (length > MAX_METADATA_BYTES) throw tooLarge("longer metadata")
  return readExactly(source, start, length)
}

/** Reads so many bytes. @throws {ShardError} `shard_malformed` if there are fewer. */
export async function readExactly(source: RandomSource, start: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(start, length)
  if (bytes.length !== length) throw malformed()
  return bytes
}
