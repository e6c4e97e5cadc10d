import type { Compression } from "../compression/format.ts"
import { inflateHead } from "../compression/inflate-head.ts"
import type { FileHead } from "../container.ts"
import { hasTarChecksum, isZeroBlock } from "./header.ts"

/** Endings of tar shards' names. */
export const TAR_ENDINGS = [".tar.zst", ".tar.gz", ".tzst", ".tgz", ".tar"] as const

/** First bytes of media files; a tar begins with the name of its first member, which may be chosen to look like one. */
const MEDIA = /^(?:GIF8|BM|RIFF|8BPS|P[1-7]\s|II\*|MM\0|%PDF|<|....ftyp|[^ -~])/s

/** Whether a file's name is that of a tar. */
export function isCalledTar(name: string): boolean {
  const lower = name.toLowerCase()
  return TAR_ENDINGS.some((ending) => lower.endsWith(ending))
}

/**
 * Recognises a tar shard: a tar, compressed or not, with a tar's name or no extension, and a compressed file that begins with a tar.
 * A file with a tar's name that is not an archive is a shard too: it cannot be read, and is set aside rather than
 * ignored.
 */
export function isTarShard({ name, bytes, archive }: FileHead): boolean {
  const isNamed = isCalledTar(name)
  const mayBeShard = isNamed || (!name.includes(".") && !MEDIA.test(bytes.toString("latin1", 0, 16)))
  switch (archive) {
    case "tar":
      return mayBeShard
    case "gzip":
    case "zstd":
      return isNamed || ((mayBeShard || /\.(?:gz|zst)$/i.test(name)) && isCompressedTar(bytes, archive))
    case "zip":
      return false
    case undefined:
      return isNamed
  }
}

function isCompressedTar(head: Buffer, compression: Compression): boolean {
  const inflated = inflateHead(head, compression) ?? Buffer.alloc(0)
  return hasTarChecksum(inflated.subarray(0, 512)) || (inflated.length >= 1024 && isZeroBlock(inflated))
}
