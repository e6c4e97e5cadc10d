/**
 * Header blocks of tar: v7, USTAR, GNU and pax.
 *
 * Sources: POSIX.1-2024 `pax`, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format". Where readers differ,
 * this follows Python's `tarfile`, on which WebDataset's loaders are built.
 * @module
 */
import { ShardError } from "@nightlight/core"
import { decodeName } from "../../readers/entry-name.ts"

/** Block size of tar. */
export const BLOCK_BYTES = 512

/** `ustar` and NUL. */
const POSIX_MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72, 0]

/** One header block, checked against its checksum. */
export interface TarHeader {
  readonly name: string
  readonly sizeBytes: number
  /**
   * Type flag; `7` (contiguous) and NUL are returned as `0`, but NUL as `5` where the name field ends in a slash: a folder
   * of v7, as Python's `tarfile` reads it whatever longer name the member has.
   */
  readonly type: string
  /** Whether readers are known to interpret the name fields differently. */
  readonly ambiguous: boolean
  /** Old GNU sparse only: more blocks of the map follow. */
  readonly extended: boolean
}

/** Whether a block holds zeros only, as the end of an archive does. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0)
}

/** Whether a block's checksum is that of a tar header. A block of zeros has none. */
export function hasTarChecksum(block: Uint8Array): boolean {
  if (block.length < BLOCK_BYTES) return false
  const stored = parseOctal(block.subarray(148, 156))
  if (stored === undefined || stored === 0) return false
  // The checksum's own field counts as spaces.
  let unsigned = 8 * 32
  let above127 = 0
  for (let index = 0; index < BLOCK_BYTES; index++) {
    if (index === 148) index = 156
    const byte = block[index] ?? 0
    unsigned += byte
    above127 += byte >> 7
  }
  // Old tars summed signed characters; Python's tarfile takes both.
  return stored === unsigned || stored === unsigned - 256 * above127
}

/**
 * Reads one header block.
 *
 * @throws {ShardError} `shard_malformed` if its checksum or its size is not one.
 */
export function parseTarHeader(block: Uint8Array): TarHeader {
  if (!hasTarChecksum(block)) throw new ShardError("shard_malformed", "expected a tar header, got other bytes")
  const flag = block[156] ?? 0
  const name = field(block, 0, 100)
  const type = flag === 0 || flag === 0x37 ? "0" : String.fromCharCode(flag)
  const prefix = field(block, 345, 155)
  const isPosix = POSIX_MAGIC.every((byte, index) => block[257 + index] === byte)
  return {
    name: decodeName(isPosix && prefix.length > 0 ? Buffer.concat([prefix, Buffer.from("/"), name]) : name),
    sizeBytes: parseSize(block.subarray(124, 136)),
    type: flag === 0 && name.at(-1) === 0x2f ? "5" : type,
    // Python uses the prefix field whatever the magic; GNU keeps times there.
    ambiguous: !isPosix && prefix.length > 0,
    extended: type === "S" && block[482] !== 0,
  }
}

/** Bytes of a field up to its first NUL. */
function field(block: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = block.subarray(offset, offset + length)
  const end = bytes.indexOf(0)
  return end === -1 ? bytes : bytes.subarray(0, end)
}

/** Octal digits, or GNU's base-256 where the first bit is set. */
function parseSize(bytes: Uint8Array): number {
  const first = bytes[0] ?? 0
  const size = first === 0x80 ? bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0) : parseOctal(bytes)
  if (size === undefined || !Number.isSafeInteger(size)) {
    throw new ShardError("shard_malformed", "expected the size of a tar member")
  }
  return size
}

/** Octal digits between spaces, up to a NUL; a blank field is zero. */
function parseOctal(bytes: Uint8Array): number | undefined {
  let value = 0
  let digits = 0
  let isOver = false
  for (const byte of bytes) {
    if (byte === 0) break
    if (byte === 0x20) isOver = digits > 0
    else if (byte < 0x30 || byte > 0x37 || isOver) return undefined
    else {
      value = value * 8 + byte - 0x30
      digits++
    }
  }
  return value
}
