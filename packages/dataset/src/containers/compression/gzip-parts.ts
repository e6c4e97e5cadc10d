/**
 * Members of a gzip file.
 *
 * Source: RFC 1952, sections 2.2 and 2.3.
 * @module
 */
import { crc32, createInflateRaw } from "node:zlib"
import { ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import { bufferedSource, type CompressedPart, inflateFrom } from "./parts.ts"

const FIXED_HEADER_BYTES = 10
/** Checksum and size behind the data. */
const TRAILER_BYTES = 8
const FLAG_CHECKSUM = 2
const FLAG_EXTRA = 4
const FLAG_NAME = 8
const FLAG_COMMENT = 16
const RESERVED_FLAGS = 0xe0
/** Longest name that may be copied: a file's own. */
const MAX_NAME_BYTES = 255
/** Longest name or comment that is read past. */
const MAX_TEXT_BYTES = 64 * 1024
const CHUNK_BYTES = 256 * 1024

/**
 * Reads a gzip file member by member to its end.
 *
 * @throws {ShardError} `shard_malformed` if a member is damaged, or anything but a member follows one.
 */
export async function* gzipParts(file: RandomSource): AsyncGenerator<CompressedPart, void> {
  const source = bufferedSource(file)
  for (let start = 0; start < source.sizeBytes; ) {
    const header = await readHeader(source, start)
    const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES })
    let checksum = 0
    let sizeBytes = 0
    const dataStart = start + header.sizeBytes
    for await (const bytes of inflateFrom({ source, start: dataStart, end: source.sizeBytes }, inflater)) {
      checksum = crc32(bytes, checksum)
      sizeBytes += bytes.length
      yield { kind: "data", bytes }
    }
    const dataEnd = dataStart + inflater.bytesWritten
    const trailer = Buffer.from(await source.read(dataEnd, TRAILER_BYTES))
    const isWhole =
      trailer.length === TRAILER_BYTES &&
      trailer.readUInt32LE(0) === checksum &&
      trailer.readUInt32LE(4) === sizeBytes % 2 ** 32
    if (!isWhole) throw malformed()
    const end = dataEnd + TRAILER_BYTES
    yield { kind: "end", member: { start, end, isPlain: header.isPlain } }
    start = end
  }
}

async function readHeader(
  source: RandomSource,
  start: number,
): Promise<{ readonly sizeBytes: number; readonly isPlain: boolean }> {
  const head = Buffer.from(await source.read(start, FIXED_HEADER_BYTES + 2))
  const flags = head[3] ?? RESERVED_FLAGS
  if (head.length < FIXED_HEADER_BYTES || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) throw malformed()
  if ((flags & RESERVED_FLAGS) !== 0) throw malformed()
  let sizeBytes = FIXED_HEADER_BYTES
  if ((flags & FLAG_EXTRA) !== 0) {
    if (head.length < FIXED_HEADER_BYTES + 2) throw malformed()
    sizeBytes += 2 + head.readUInt16LE(FIXED_HEADER_BYTES)
  }
  let nameBytes = 0
  if ((flags & FLAG_NAME) !== 0) {
    nameBytes = await textBytes(source, start + sizeBytes)
    sizeBytes += nameBytes
  }
  if ((flags & FLAG_COMMENT) !== 0) sizeBytes += await textBytes(source, start + sizeBytes)
  if ((flags & FLAG_CHECKSUM) !== 0) sizeBytes += 2
  const isPlain = (flags & ~(FLAG_NAME | 1)) === 0 && nameBytes <= MAX_NAME_BYTES + 1
  return { sizeBytes, isPlain }
}

/** Length of a text with the zero that ends it. */
async function textBytes(source: RandomSource, start: number): Promise<number> {
  const end = (await source.read(start, MAX_TEXT_BYTES)).indexOf(0)
  if (end === -1) throw malformed()
  return end + 1
}

function malformed(): ShardError {
  return new ShardError("shard_malformed", "a gzip file is damaged or cut short")
}
