/**
 * Small generated pictures: enough of each format to be recognised by its bytes.
 * @module
 */
import { crc32, deflateSync } from "node:zlib"

/** A PNG of 8 by 8 pixels, different for each seed. */
export function png(seed: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(8, 0)
  header.writeUInt32BE(8, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(8 * 25)
  for (let k = 0; k < rows.length; k++) rows[k] = k % 25 === 0 ? 0 : (k * 37 * seed) & 255
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}

/** The structure of a JPEG: headers of a frame and a scan, some coded data, an end. */
export function jpegOf(): Uint8Array {
  return Uint8Array.from([
    0xff,
    0xd8,
    0xff,
    0xe0,
    0,
    16,
    0x4a,
    0x46,
    0x49,
    0x46,
    0,
    1,
    1,
    0,
    0,
    1,
    0,
    1,
    0,
    0,
    0xff,
    0xc0,
    0,
    11,
    8,
    0,
    8,
    0,
    8,
    1,
    1,
    0x11,
    0,
    0xff,
    0xda,
    0,
    8,
    1,
    1,
    0,
    0,
    0x3f,
    0,
    ...Array.from({ length: 40 }, (_, k) => k + 1),
    0xff,
    0xd9,
  ])
}

/** A GIF of one pixel. */
export function gif(): Uint8Array {
  return Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64")
}

/** A bitmap of 4 by 4 pixels. */
export function bmp(change: (bitmap: Buffer) => void = () => undefined): Uint8Array {
  const bytes = Buffer.alloc(54 + 48, 0x7f)
  bytes.write("BM", 0, "latin1")
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(0, 6)
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(4, 18)
  bytes.writeInt32LE(4, 22)
  bytes.set([1, 0, 24, 0, 0, 0, 0, 0], 26)
  change(bytes)
  return bytes
}

/** An icon whose entries are all one PNG. */
export function ico(change: (icon: Buffer) => void = () => undefined, entries = 1): Uint8Array {
  const picture = png(3)
  const head = Buffer.alloc(6 + 16 * entries)
  head.set([0, 0, 1, 0])
  head.writeUInt16LE(entries, 4)
  for (let offset = 6; offset < head.length; offset += 16) {
    head.set([8, 8, 0, 0, 1, 0, 32, 0], offset)
    head.writeUInt32LE(picture.length, offset + 8)
    head.writeUInt32LE(head.length, offset + 12)
  }
  change(head)
  return Buffer.concat([head, picture])
}
