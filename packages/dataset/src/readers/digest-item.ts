/**
 * Digests an item of a shard; an item in a file is not loaded into memory.
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import { DependencyError } from "@nightlight/core"
import { partsOf } from "./stream-source.ts"
import type { Item } from "./types.ts"

/** SHA-256 of no bytes: of an empty item, and for content that could not be read. */
export const NO_BYTES_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/**
 * Digests an item's bytes.
 *
 * @returns Lower-case hexadecimal SHA-256.
 * @throws {DependencyError} `source_unreadable` if they cannot be read.
 */
export async function digestItem({ source }: Item, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256")
  if (source.kind === "bytes") return hash.update(source.bytes).digest("hex")
  if (source.kind === "stream") {
    for await (const part of partsOf(source)) {
      signal.throwIfAborted()
      hash.update(part)
    }
    return hash.digest("hex")
  }
  if (source.kind === "range" && source.length === 0) return hash.digest("hex")
  const range = source.kind === "range" ? source : undefined
  const start = range?.offset
  const end = range && range.offset + range.length - 1
  try {
    await pipeline(createReadStream(source.path, { start, end, signal }), hash)
  } catch {
    signal.throwIfAborted()
    throw new DependencyError("source_unreadable", "an item of the source cannot be read")
  }
  return hash.digest("hex")
}
