/**
 * Inflates compressed files within a shard's limits.
 * @module
 */
import { ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { isBomb } from "../tar/input.ts"
import type { Compression } from "./format.ts"
import { gzipParts } from "./gzip-parts.ts"
import type { CompressedMember, CompressedPart } from "./parts.ts"
import { zstdParts } from "./zstd-parts.ts"

const PARTS: Readonly<Record<Compression, (file: RandomSource) => AsyncGenerator<CompressedPart, void>>> = {
  gzip: gzipParts,
  zstd: zstdParts,
}

/**
 * Reads a compressed file member by member.
 *
 * @throws {ShardError} `shard_bomb` beyond the limits, `shard_malformed` if it is damaged.
 * @throws {DependencyError} `source_unreadable`, `source_changed`
 */
export async function* compressedParts(
  { source, compression }: { readonly source: RandomSource; readonly compression: Compression },
  limits: ReaderLimits,
  signal: AbortSignal,
): AsyncGenerator<CompressedPart, void> {
  let inflatedBytes = 0
  let readBytes = 0
  const counted: RandomSource = {
    sizeBytes: source.sizeBytes,
    async read(offset, length) {
      const bytes = await source.read(offset, length)
      readBytes = Math.max(readBytes, offset + bytes.length)
      return bytes
    },
  }
  for await (const part of PARTS[compression](counted)) {
    signal.throwIfAborted()
    if (part.kind === "data") {
      inflatedBytes += part.bytes.length
      if (inflatedBytes > limits.inflatedBytes || isBomb(inflatedBytes, readBytes, limits)) {
        throw new ShardError("shard_bomb", "a compressed shard inflates beyond the limit")
      }
    }
    yield part
  }
}

/**
 * Inflates a compressed file chunk by chunk.
 *
 * @param onMember - Called at the end of each member.
 * @throws as {@link compressedParts}.
 */
export async function* inflateSource(
  file: { readonly source: RandomSource; readonly compression: Compression },
  limits: ReaderLimits,
  signal: AbortSignal,
  onMember: (member: CompressedMember) => void = () => {},
): AsyncGenerator<Uint8Array, void> {
  for await (const part of compressedParts(file, limits, signal)) {
    if (part.kind === "data") yield part.bytes
    else onMember(part.member)
  }
}
