import { closeSync, constants as flags, openSync, readSync } from "node:fs"
import { compact } from "@nightlight/core"
import type { FileHead } from "../containers/container.ts"
import { detectShard, type ShardKind, shardNamesFiles } from "../containers/index.ts"
import { SNIFF_BYTES, sniffArchive } from "../containers/sniff.ts"

/** How a plan classifies a file. */
export interface FileKind {
  /** The kind of shard it is by itself; absent for a file among others. */
  readonly shard?: ShardKind
  /** Whether its samples name other files of the dataset. */
  readonly namesFiles?: true
  /** Whether it begins like a zip, tar, gzip or zstd. */
  readonly archive: boolean
}

/** The smallest archive is an empty frame of zstd. */
export const MIN_ARCHIVE_BYTES = 9
/** Enough of a gzip to inflate a tar's first header, whatever name stands in front. */
export const HEAD_BYTES: number = 4 * 1024
/** Read only of files that formats without first bytes ask for by their names. */
export const MORE_BYTES: number = 2 ** 20

/**
 * Classifies a file by its name and first bytes. An archive that is not a shard stays a plain file: it is screened
 * whole, as the picture that it may also be, and opened as well.
 *
 * @param path - Where it is read.
 * @param sizeBytes - Of the whole file.
 * @throws the system's error if the file cannot be read.
 */
export function readFileKind(
  path: Buffer,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
): FileKind {
  const bytes = sizeBytes < MIN_ARCHIVE_BYTES ? Buffer.alloc(0) : readHead(path, HEAD_BYTES)
  const archive = sniffArchive(bytes.subarray(0, SNIFF_BYTES))
  const head: FileHead = { name, sizeBytes, bytes, archive, more: () => readHead(path, MORE_BYTES) }
  const shard = detectShard(head)
  const namesFiles = shard !== undefined && shardNamesFiles(shard, head) ? (true as const) : undefined
  return compact({ shard, namesFiles, archive: archive !== undefined })
}

function readHead(path: Buffer, length: number): Buffer {
  const fd = openSync(path, flags.O_RDONLY | flags.O_NONBLOCK)
  try {
    const head = Buffer.allocUnsafe(length)
    return head.subarray(0, readSync(fd, head, 0, length, 0))
  } finally {
    closeSync(fd)
  }
}
