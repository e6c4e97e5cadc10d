import { constants, gunzipSync } from "node:zlib"
import type { FileHead } from "../container.ts"
import { hasTarChecksum, isZeroBlock } from "./header.ts"

/** Endings of tar shards' names. */
export const TAR_ENDINGS = [".tar.gz", ".tgz", ".tar"] as const

/** First bytes of media files; a tar begins with the name of its first member, which may be chosen to look like one. */
const MEDIA = /^(?:GIF8|BM|RIFF|8BPS|P[1-7]\s|II\*|MM\0|%PDF|<|....ftyp|[^ -~])/s

/** Whether a file's name is that of a tar. */
export function isCalledTar(name: string): boolean {
  const lower = name.toLowerCase()
  return TAR_ENDINGS.some((ending) => lower.endsWith(ending))
}

/**
 * Recognises a tar shard: a tar, gzipped or not, with a tar's name or no extension, and a gzip that begins with a tar.
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
      return isNamed || ((mayBeShard || /\.gz$/i.test(name)) && isGzippedTar(bytes))
    case "zip":
      return false
    case undefined:
      return isNamed
  }
}

function isGzippedTar(head: Buffer): boolean {
  try {
    // Only the beginning is inflated, so a missing end is not an error.
    const inflated = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
    const block = inflated.subarray(0, 512)
    return hasTarChecksum(block) || (inflated.length >= 1024 && isZeroBlock(inflated))
  } catch {
    return false
  }
}
