import { constants, gunzipSync } from "node:zlib"
import type { FileHead } from "../container.ts"
import { hasTarChecksum, isZeroBlock } from "./header.ts"

/** How names of tar shards end. */
export const TAR_ENDINGS = [".tar.gz", ".tgz", ".tar"] as const

/** How media begin; a tar begins with the name of its first member, which may be chosen to look like one. */
const MEDIA = /^(?:GIF8|BM|RIFF|8BPS|P[1-7]\s|II\*|MM\0|%PDF|<|....ftyp|[^ -~])/s

/** Whether a file is called a tar. */
export function isCalledTar(name: string): boolean {
  const lower = name.toLowerCase()
  return TAR_ENDINGS.some((ending) => lower.endsWith(ending))
}

/**
 * Tells a tar shard: a tar, gzipped or not, that is called one or has no extension, and a gzip that begins with a tar.
 * What is called a tar and is no archive is a shard too, which cannot be read: it is set aside rather than its bytes
 * passed over.
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
    // A flush instead of an end: the rest of the file is not there, and that is no error.
    const inflated = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
    const block = inflated.subarray(0, 512)
    return hasTarChecksum(block) || (inflated.length >= 1024 && isZeroBlock(inflated))
  } catch {
    return false
  }
}
