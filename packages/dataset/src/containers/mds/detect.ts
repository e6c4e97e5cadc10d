/**
 * Recognises MDS shards.
 * @module
 */
import type { FileHead } from "../container.ts"
import { tableBytes } from "./header.ts"

/** Endings of MDS shards' names that can be read; Streaming also writes `.br`, `.bz2` and `.snappy`. */
export const MDS_ENDINGS = [".mds.zstd", ".mds.zst", ".mds.gz", ".mds"] as const

const WRITTEN_NAME = /^shard\.\d+\.mds/

/**
 * Whether a file is an MDS shard: called as Streaming calls them, so that a damaged one is set aside, or called `.mds`
 * with the offsets of one, since discs are described by files of that ending.
 */
export function isMdsShard({ name, bytes, sizeBytes }: FileHead): boolean {
  const lower = name.toLowerCase()
  const ending = MDS_ENDINGS.find((candidate) => lower.endsWith(candidate))
  if (ending === undefined || sizeBytes === 0) return false
  if (WRITTEN_NAME.test(lower) || ending !== ".mds") return true
  if (bytes.length < 8) return false
  const first = bytes.readUInt32LE(4)
  return first > tableBytes(bytes.readUInt32LE(0)) && first <= sizeBytes
}
