import { ShardError } from "@nightlight/core"
import { openFileSource } from "./source.ts"
import type { Item } from "./types.ts"

/** Limit of a typed array. */
const MAX_BYTES = 2 ** 31 - 1

/**
 * Reads an item's bytes again; see `ShardReader.readItem`.
 *
 * @throws {ShardError} `shard_limit`
 * @throws {DependencyError} `source_unreadable` or `source_changed`
 */
export async function readItem(item: Item): Promise<Uint8Array> {
  const { source } = item
  if (item.unread === true) throw new ShardError("shard_limit", "the item's bytes cannot be read")
  if (source.kind === "bytes") return source.bytes
  if (source.kind === "stream") {
    if (source.length > MAX_BYTES) throw new ShardError("shard_limit", "the item is larger than memory can hold")
    return await source.read(0, source.length)
  }
  using file = openFileSource(source.path)
  const [offset, length] = source.kind === "range" ? [source.offset, source.length] : [0, file.sizeBytes]
  if (length > MAX_BYTES) throw new ShardError("shard_limit", "the item is larger than memory can hold")
  return file.read(offset, length)
}
