import { SNIFF_BYTES, sniffMedia } from "@nightlight/core"
import { readBitmap } from "../bmp/bitmap-file.ts"
import { readIconBitmap } from "../bmp/icon-bitmap.ts"
import { readIcon } from "../bmp/icon-file.ts"

/** A position at which bytes begin like a picture. */
export interface Beginning {
  readonly offset: number
  readonly mediaType: string
  /** Whether the decoder supports its type. */
  readonly isRead: boolean
}

/** Bytes that mark a picture, and their offset from its start. */
const MARKS: readonly { readonly bytes: Buffer; readonly at: number }[] = [
  { bytes: mark("\xff\xd8\xff"), at: 0 },
  { bytes: mark("\x89PNG\r\n\x1a\n"), at: 0 },
  { bytes: mark("GIF8"), at: 0 },
  { bytes: mark("WEBPVP8"), at: 8 },
  { bytes: mark("II*\0"), at: 0 },
  { bytes: mark("MM\0*"), at: 0 },
  { bytes: mark("II+\0"), at: 0 },
  { bytes: mark("MM\0+"), at: 0 },
  { bytes: mark("ftyp"), at: 4 },
  { bytes: mark("BM"), at: 0 },
  { bytes: mark("\0\0\x01\0"), at: 0 },
  { bytes: mark("\0\0\x02\0"), at: 0 },
  { bytes: mark("8BPS\0"), at: 0 },
  { bytes: mark("\0\0\0\x0cJXL "), at: 0 },
  { bytes: mark("\0\0\0\x0cjP  "), at: 0 },
]

/**
 * Positions at which bytes begin like a picture, in order.
 *
 * @param mostFound - largest number of results.
 */
export function beginningsIn(area: Buffer, mostFound: number): Beginning[] {
  const found: Beginning[] = []
  for (const { bytes, at: offset } of MARKS) {
    for (let position = area.indexOf(bytes); position !== -1; position = area.indexOf(bytes, position + 1)) {
      const start = position - offset
      const begins = start < 0 ? undefined : beginningAt(area, start)
      if (begins !== undefined) found.push(begins)
      if (found.length > mostFound * MARKS.length) break
    }
  }
  return found.sort((a, b) => a.offset - b.offset).slice(0, mostFound)
}

function beginningAt(area: Buffer, offset: number): Beginning | undefined {
  const rest = area.subarray(offset)
  const { mediaType, kind } = sniffMedia(rest.subarray(0, SNIFF_BYTES), rest.length)
  if (mediaType === "image/jpeg" && !isJpegMarker(rest[3] ?? 0)) return undefined
  if (mediaType === "image/bmp" && !isBitmap(rest)) return undefined
  if (mediaType === "image/vnd.microsoft.icon" && !isIcon(rest)) return undefined
  if (kind === "picture") return { offset: offset, mediaType, isRead: true }
  return kind === "opaque" && /^(image|video)\//.test(mediaType)
    ? { offset: offset, mediaType, isRead: false }
    : undefined
}

/** Whether a marker may follow a JPEG's first one: not a restart, an end or a reserved marker. */
function isJpegMarker(marker: number): boolean {
  return marker >= 0xc0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd9)
}

/** A signature of two letters is common, so the following numbers must also be a bitmap's. */
function isBitmap(bytes: Buffer): boolean {
  if (bytes.length < 26) return false
  if (readBitmap(bytes) !== "broken") return true
  const pixelsAt = bytes.readUInt32LE(10)
  return bytes.readUInt32LE(6) === 0 && pixelsAt >= 26 && pixelsAt < bytes.length
}

/** A signature of four mostly zero bytes is common, so there must also be a picture at an entry's position. */
function isIcon(bytes: Buffer): boolean {
  return readIcon(bytes).entries.some((entry) => entry.isPng || typeof readIconBitmap(entry.bytes) !== "string")
}

/** Whether a JPEG's segments are valid up to its frame header, which does not happen by accident in coded pixels. */
export function hasJpegHeader(bytes: Buffer): boolean {
  let offset = 2
  while (offset + 10 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0
    const length = bytes.readUInt16BE(offset + 2)
    if (marker >= 0xc0 && marker <= 0xc2) return length === 8 + 3 * (bytes[offset + 9] ?? 0) && bytes[offset + 4] === 8
    if (!isJpegMarker(marker) || length < 2) return false
    offset += 2 + length
  }
  return false
}

function mark(text: string): Buffer {
  return Buffer.from(text, "latin1")
}
