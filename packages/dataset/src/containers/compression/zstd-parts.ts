/**
 * Frames of a zstd file.
 *
 * Node's own stream ends with the first frame and ignores what follows, so that frames are found here and inflated one
 * by one.
 *
 * Source: RFC 8878, sections 3.1.1 (frames and blocks) and 3.1.2 (skippable frames).
 * @module
 */
import { createZstdDecompress } from "node:zlib"
import { ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import { bufferedSource, type CompressedPart, inflateFrom } from "./parts.ts"

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const BLOCK_HEADER_BYTES = 3
const RLE_BLOCK = 1
const RESERVED_BLOCK = 3
const CHUNK_BYTES = 256 * 1024

/**
 * Reads a zstd file frame by frame to its end. Windows are bounded by Node's own limit, 128 MiB.
 *
 * @throws {ShardError} `shard_malformed` if a frame is damaged, needs a dictionary or a larger window, or anything but
 * a frame follows one.
 */
export async function* zstdParts(file: RandomSource): AsyncGenerator<CompressedPart, void> {
  const source = bufferedSource(file)
  for (let start = 0; start < source.sizeBytes; ) {
    const { end, hasData } = await findFrame(source, start)
    if (end > source.sizeBytes) throw malformed()
    if (hasData) {
      const inflater = createZstdDecompress({ chunkSize: CHUNK_BYTES })
      for await (const bytes of inflateFrom({ source: file, start, end }, inflater)) {
        yield { kind: "data", bytes }
      }
      if (inflater.bytesWritten !== end - start) throw malformed()
    }
    yield { kind: "end", member: { start, end, isPlain: hasData } }
    start = end
  }
}

interface Frame {
  readonly end: number
  /** Skippable frames have none. */
  readonly hasData: boolean
}

async function findFrame(source: RandomSource, start: number): Promise<Frame> {
  const head = Buffer.from(await source.read(start, 8))
  if (head.length < 8) throw malformed()
  const magic = head.readUInt32LE(0)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return { end: start + 8 + head.readUInt32LE(4), hasData: false }
  const descriptor = head[4] as number
  if (magic !== FRAME_MAGIC || (descriptor & 0x08) !== 0) throw malformed()
  const isSingle = (descriptor & 0x20) !== 0
  const hasChecksum = (descriptor & 0x04) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  const sizeFieldBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  let offset = start + 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeFieldBytes
  for (let isLast = false; !isLast; ) {
    const header = Buffer.from(await source.read(offset, BLOCK_HEADER_BYTES))
    if (header.length < BLOCK_HEADER_BYTES) throw malformed()
    const value = header.readUIntLE(0, BLOCK_HEADER_BYTES)
    const type = (value >> 1) & 3
    if (type === RESERVED_BLOCK) throw malformed()
    isLast = (value & 1) === 1
    offset += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : value >> 3)
  }
  return { end: offset + (hasChecksum ? 4 : 0), hasData: true }
}

function malformed(): ShardError {
  return new ShardError("shard_malformed", "a zstd file is damaged or cut short")
}
