/**
 * LZ4 frames: blocks one after another, each of which may refer to those before it.
 *
 * Source: lz4, `lz4_Frame_format.md`. Checksums are not compared: who changes bytes can change them too.
 * @module
 */
import { deflateLz4Block, inflateLz4Block, Lz4Error } from "./lz4.ts"

const MAGIC = 0x184d2204
/** Flags of a frame's header. */
const FLAG = { dictionary: 1, contentChecksum: 4, contentSize: 8, blockChecksum: 16 } as const
const STORED = 0x80000000

/**
 * Inflates one frame that fills the bytes.
 *
 * @param maxLength - Most bytes that it may inflate to.
 * @throws {Lz4Error}
 */
export function inflateLz4Frame(bytes: Uint8Array, maxLength: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number): number => {
    if (at + 4 > bytes.length) throw new Lz4Error("cut short")
    return view.getUint32(at, true)
  }
  const flags = bytes[4] ?? 0
  if (word(0) !== MAGIC || flags >> 6 !== 1 || (flags & FLAG.dictionary) !== 0) throw new Lz4Error("no frame")
  let at = 7 + ((flags & FLAG.contentSize) === 0 ? 0 : 8)
  const output = new Uint8Array(maxLength)
  let length = 0
  for (let size = word(at); size !== 0; size = word(at)) {
    const start = at + 4
    const end = start + (size & ~STORED)
    if (end > bytes.length) throw new Lz4Error("cut short")
    const block = bytes.subarray(start, end)
    if (size >= STORED) {
      if (length + block.length > maxLength) throw new Lz4Error("too long")
      output.set(block, length)
      length += block.length
    } else {
      length = inflateLz4Block(block, output, length)
    }
    at = end + ((flags & FLAG.blockChecksum) === 0 ? 0 : 4)
  }
  if (at + 4 + ((flags & FLAG.contentChecksum) === 0 ? 0 : 4) !== bytes.length) throw new Lz4Error("bytes behind it")
  return output.subarray(0, length)
}

const BLOCK_BYTES = 4 * 2 ** 20

/** Version 1, blocks that do not refer to others, of 4 MiB at most; and the second byte of the header's xxHash-32. */
const HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73])

/** Compresses bytes to one frame. */
export function deflateLz4Frame(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [HEADER]
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const block = bytes.subarray(start, start + BLOCK_BYTES)
    const deflated = deflateLz4Block(block)
    const size = Buffer.alloc(4)
    const isSmaller = deflated.length < block.length
    size.writeUInt32LE(isSmaller ? deflated.length : block.length + STORED)
    pieces.push(size, isSmaller ? deflated : block)
  }
  return Buffer.concat([...pieces, Buffer.alloc(4)])
}
