import { closeSync, constants as flags, openSync, readSync } from "node:fs"
import { constants, gunzipSync } from "node:zlib"
import { SNIFF_BYTES, sniffArchive } from "../readers/sniff.ts"
import { hasTarChecksum, isZeroBlock } from "../readers/tar-header.ts"
import type { ShardKind } from "./types.ts"

/** What a plan makes of a file. */
export interface FileKind {
  /** The kind of shard it is by itself; absent for a file among others. */
  readonly shard?: Exclude<ShardKind, "files">
  /** Whether it begins like a zip, tar or gzip. */
  readonly archive: boolean
}

/** How media begin; a tar begins with the name of its first member, which may be chosen to look like one. */
const MEDIA = /^(?:GIF8|BM|RIFF|8BPS|P[1-7]\s|II\*|MM\0|%PDF|<|....ftyp|[^ -~])/s

/** The smallest archive is an empty gzip. */
const MIN_ARCHIVE_BYTES = 18
/** Enough of a gzip to inflate a tar's first header, whatever name stands in front. */
const HEAD_BYTES = 4 * 1024

/**
 * Tells what a file is by its first bytes. A tar, gzipped or not, is a shard if it is called one or has no extension; a
 * zip if it is called `.zip`, as many other formats are zips inside (npz, pt, docx). Any other archive stays a file among
 * files: it is screened whole, as the picture that it may also be, and opened as well. What is called a tar is read as
 * one: if it is not, the shard is set aside rather than its bytes passed over.
 *
 * @param path - Where it is read.
 * @param about - What it is called, and how large it is.
 * @throws the system's error if the file cannot be read.
 */
export function readFileKind(
  path: Buffer,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
): FileKind {
  const isCalledTar = /\.(?:tar|tar\.gz|tgz)$/i.test(name)
  if (sizeBytes < MIN_ARCHIVE_BYTES) return isCalledTar ? { shard: "tar", archive: false } : { archive: false }
  const head = readHead(path)
  const format = sniffArchive(head.subarray(0, SNIFF_BYTES))
  const mayBeShard = isCalledTar || (!name.includes(".") && !MEDIA.test(head.toString("latin1", 0, 16)))
  if (format === "tar" && mayBeShard) return { shard: "tar", archive: true }
  if (format === "gzip" && (isCalledTar || ((mayBeShard || /\.gz$/i.test(name)) && isGzippedTar(head)))) {
    return { shard: "tar.gz", archive: true }
  }
  if (format === "zip" && /\.zip$/i.test(name)) return { shard: "zip", archive: true }
  if (isCalledTar) return { shard: format === "zip" ? "zip" : "tar", archive: format !== undefined }
  return { archive: format !== undefined }
}

function readHead(path: Buffer): Buffer {
  const fd = openSync(path, flags.O_RDONLY | flags.O_NONBLOCK)
  try {
    const head = Buffer.allocUnsafe(HEAD_BYTES)
    return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(fd)
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
