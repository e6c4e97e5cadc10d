/**
 * Writes PNG files from raw pixels. Source: PNG (Third Edition), W3C, sections 5 and 11.
 * @module
 */
import { crc32, deflateSync } from "node:zlib"

/** The shape of pixels: 8 bits per channel, rows from the top without padding. */
export interface PixelShape {
  readonly width: number
  readonly height: number
  /** Grey, or RGB. */
  readonly channels: 1 | 3
}

/** The first bytes of every PNG file. */
export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const GREY = 0
const RGB = 2

/** Encodes pixels as one PNG file with only header, data and end. */
export function encodePng(pixels: Uint8Array, { width, height, channels }: PixelShape): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = channels === 1 ? GREY : RGB
  const rowBytes = width * channels
  const rows = Buffer.alloc((rowBytes + 1) * height)
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1)
  }
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ])
}

/** One chunk of a PNG file. @param type - four letters. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(data.length + 12)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, "latin1")
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}
