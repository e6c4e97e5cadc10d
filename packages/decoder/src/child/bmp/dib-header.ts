/**
 * Headers of device-independent bitmaps: OS/2 1 and 2, and every version of Windows (BITMAPCOREHEADER to BITMAPV5HEADER).
 * @module
 */

/** Coding of a bitmap's pixels. */
export type DibCoding = "plain" | "rle4" | "rle8"

/** Content of a bitmap's headers. Offsets count from the header's first byte. */
export interface Dib {
  readonly headerBytes: number
  readonly width: number
  /** Rows; in an icon, including those of its mask. */
  readonly height: number
  readonly isTopDown: boolean
  /** Bits per pixel: 1, 2, 4 or 8 with a palette; 16, 24 or 32 with colours. */
  readonly bits: number
  readonly coding: DibCoding
  /** Bits of red, green, blue and alpha within a pixel of 16 or 32 bits; alpha 0 where there is none. */
  readonly masks: readonly [number, number, number, number]
  readonly palette: { readonly at: number; readonly entryBytes: 3 | 4; readonly count: number }
  /** End of headers, masks and palette. */
  readonly end: number
  /** Bytes of a row, including padding. */
  readonly rowBytes: number
  /** Position of a colour profile, where the latest version has one in the file. */
  readonly profile: { readonly at: number; readonly sizeBytes: number } | undefined
}

const BITS: readonly number[] = [1, 2, 4, 8, 16, 24, 32]

/**
 * Reads the header that bytes begin with.
 *
 * @returns `other` for a coding that is not supported (Huffman, JPEG or PNG within a bitmap), `broken` for an invalid
 * header.
 */
export function readDib(bytes: Buffer): Dib | "other" | "broken" {
  if (bytes.length < 4) return "broken"
  const headerBytes = bytes.readUInt32LE(0)
  if (!isHeaderSize(headerBytes) || bytes.length < headerBytes) return "broken"
  const isCore = headerBytes === 12
  /** Fields that an older header does not have are zero. */
  const field = (offset: number) => (offset + 4 <= headerBytes ? bytes.readUInt32LE(offset) : 0)
  const width = isCore ? bytes.readUInt16LE(4) : bytes.readInt32LE(4)
  const height = isCore ? bytes.readUInt16LE(6) : bytes.readInt32LE(8)
  const bits = bytes.readUInt16LE(isCore ? 10 : 14)
  const compression = isCore ? 0 : field(16)
  if (width <= 0 || height === 0) return "broken"
  const how = codingOf(compression, bits, isWindows(headerBytes))
  if (how === undefined) return "other"
  if (!BITS.includes(bits)) return "broken"
  const isTopDown = height < 0
  if (isTopDown && how.coding !== "plain") return "broken"
  const maskBytes = how.masks * (headerBytes === 40 ? 4 : 0)
  const masks = masksOf(bytes, { headerBytes, bits, masks: how.masks })
  if (masks === undefined || !masks.every(isRun)) return "broken"
  const used = isCore ? 0 : field(32)
  const count = bits > 8 || used !== 0 ? used : 2 ** bits
  if (bits <= 8 && count > 2 ** bits) return "broken"
  const palette = { at: headerBytes + maskBytes, entryBytes: isCore ? 3 : 4, count } as const
  return {
    headerBytes,
    width,
    height: Math.abs(height),
    isTopDown,
    bits,
    coding: how.coding,
    masks,
    palette,
    end: palette.at + palette.entryBytes * count,
    rowBytes: Math.ceil((width * bits) / 32) * 4,
    profile: profileOf(headerBytes, field),
  }
}

function isHeaderSize(size: number): boolean {
  if (size === 12 || size === 42 || size === 46 || size === 108 || size === 124) return true
  return size >= 16 && size <= 64 && size % 4 === 0
}

function isWindows(headerBytes: number): boolean {
  return [40, 52, 56, 108, 124].includes(headerBytes)
}

/** The coding and its number of masks; the codes differ between Windows and OS/2. */
function codingOf(
  compression: number,
  bits: number,
  isOfWindows: boolean,
): { readonly coding: DibCoding; readonly masks: 0 | 3 | 4 } | undefined {
  if (compression === 0) return { coding: "plain", masks: 0 }
  if (compression === 1 && bits === 8) return { coding: "rle8", masks: 0 }
  if (compression === 2 && bits === 4) return { coding: "rle4", masks: 0 }
  const takesMasks = isOfWindows && (bits === 16 || bits === 32)
  if (compression === 3 && takesMasks) return { coding: "plain", masks: 3 }
  if (compression === 6 && takesMasks) return { coding: "plain", masks: 4 }
  return undefined
}

/** Later headers contain the masks; after a header of forty bytes they follow it. */
function masksOf(
  bytes: Buffer,
  { headerBytes, bits, masks }: { readonly headerBytes: number; readonly bits: number; readonly masks: 0 | 3 | 4 },
): [number, number, number, number] | undefined {
  if (masks === 0) return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0]
  const hasAlpha = masks === 4 || headerBytes >= 56
  if (bytes.length < 40 + (hasAlpha ? 16 : 12)) return undefined
  return [bytes.readUInt32LE(40), bytes.readUInt32LE(44), bytes.readUInt32LE(48), hasAlpha ? bytes.readUInt32LE(52) : 0]
}

/** Whether the bits of a mask are contiguous. */
function isRun(mask: number): boolean {
  if (mask === 0) return true
  const lowest = mask & -mask
  const run = (mask >>> 0) / (lowest >>> 0)
  return Math.log2(run + 1) % 1 === 0
}

const EMBEDDED = 0x4d424544
const LINKED = 0x4c494e4b

function profileOf(headerBytes: number, field: (offset: number) => number): Dib["profile"] {
  const kind = field(56)
  if (headerBytes < 124 || (kind !== EMBEDDED && kind !== LINKED)) return undefined
  return { at: field(112), sizeBytes: field(116) }
}
