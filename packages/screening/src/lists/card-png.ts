/**
 * A PNG writer whose output depends on the pixels alone: no compression (stored deflate blocks), no filter.
 *
 * Source: PNG (third edition) 5 and 9; RFC 1950, RFC 1951 section 3.2.4.
 * @module
 */
import { crc32 } from "node:zlib"

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const STORED_LIMIT = 65_535
const ADLER_BASE = 65_521

/**
 * Writes an 8-bit RGB picture as PNG.
 *
 * @param pixels - width x height x 3 bytes, row by row from the top.
 */
export function encodePng(pixels: Uint8Array, width: number): Uint8Array {
  const height = pixels.length / (3 * width)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits a sample, RGB; deflate, adaptive filtering, not interlaced.
  header.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (1 + 3 * width))
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * 3 * width, (y + 1) * 3 * width), y * (1 + 3 * width) + 1)
  }
  const data = chunk("IDAT", storedZlib(rows))
  return new Uint8Array(
    Buffer.concat([Buffer.from(SIGNATURE), chunk("IHDR", header), data, chunk("IEND", Buffer.alloc(0))]),
  )
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

function storedZlib(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x78, 0x01])]
  for (let offset = 0; offset < bytes.length; offset += STORED_LIMIT) {
    const block = bytes.subarray(offset, offset + STORED_LIMIT)
    const head = Buffer.alloc(5)
    head[0] = offset + STORED_LIMIT >= bytes.length ? 1 : 0
    head.writeUInt16LE(block.length, 1)
    head.writeUInt16LE(block.length ^ 0xffff, 3)
    parts.push(head, block)
  }
  const check = Buffer.alloc(4)
  check.writeUInt32BE(adler32(bytes))
  return Buffer.concat([...parts, check])
}

function adler32(bytes: Buffer): number {
  let a = 1
  let b = 0
  for (const byte of bytes) {
    a = (a + byte) % ADLER_BASE
    b = (b + a) % ADLER_BASE
  }
  return ((b << 16) | a) >>> 0
}
