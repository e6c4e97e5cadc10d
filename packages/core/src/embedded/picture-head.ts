/**
 * Decides whether bytes begin like a picture: by file signatures and, where those are short, by more of the header, so
 * that other bytes do not match by accident.
 * @module
 */
import { SNIFF_BYTES, sniffMedia } from "../media-type.ts"
import type { Budget } from "./budget.ts"
import { hasIconEntry } from "./icon-entries.ts"
import { type PictureStructure, pictureStructure } from "./picture-structure.ts"

/** A picture of fewer bytes shows nothing. */
export const MIN_PICTURE_BYTES = 24

/** Formats written as text, which are searched like any text. */
const TEXTS: readonly string[] = ["image/svg+xml", "image/x-xpixmap", "image/x-xbitmap"]

/** A picture at the beginning of bytes. */
export interface PictureHead extends PictureStructure {
  readonly mediaType: string
}

/**
 * Recognises a picture at the beginning of bytes; `undefined` where there is none.
 *
 * @param bytes - bytes from the picture's first byte on; other data may follow its end.
 */
export function pictureAt(bytes: Uint8Array, budget: Budget): PictureHead | undefined {
  if (bytes.length < MIN_PICTURE_BYTES) return undefined
  budget.steps -= SNIFF_STEPS
  const { mediaType } = sniffMedia(bytes.subarray(0, SNIFF_BYTES), bytes.length)
  if (!mediaType.startsWith("image/") || TEXTS.includes(mediaType) || !isPlausible(bytes, mediaType, budget))
    return undefined
  const structure = pictureStructure(bytes, mediaType, budget)
  return structure === undefined ? undefined : { mediaType, ...structure }
}

/** Cost of examining the first bytes, in steps. */
const SNIFF_STEPS = 64

function isPlausible(bytes: Uint8Array, mediaType: string, budget: Budget): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (mediaType) {
    case "image/bmp":
      return hasPixelsAt(view.getUint32(10, true), bytes.length)
    case "image/vnd.microsoft.icon":
      return hasIconEntry({ byteAt: (offset) => bytes[offset] ?? 0, sizeBytes: bytes.length }, budget)
    case "image/tiff":
    case "image/jxr":
      return hasDirectory(view, bytes[0] === 0x49)
    case "image/jxl":
      return bytes[0] === 0 || isCodestream(view)
    case "image/qoi":
      return (bytes[12] === 3 || bytes[12] === 4) && (bytes[13] ?? 2) < 2
    default:
      return true
  }
}

/** Some readers take zero to mean directly after the headers. */
function hasPixelsAt(offset: number, sizeBytes: number): boolean {
  return offset === 0 || (offset >= 26 && offset < Math.max(1_000_000, sizeBytes))
}

/**
 * Whether the first directory is inside the file and has a plausible number of entries. In BigTIFF only its position is
 * checked.
 */
function hasDirectory(view: DataView, isLittle: boolean): boolean {
  const isBig = view.getUint8(isLittle ? 2 : 3) === 0x2b
  const offset = isBig ? Number(view.getBigUint64(8, isLittle)) : view.getUint32(4, isLittle)
  if (offset < 8 || offset + 2 > view.byteLength) return false
  const entries = view.getUint16(offset, isLittle)
  return isBig || (entries >= 1 && entries <= 512)
}

/** Size header of JPEG XL (ISO/IEC 18181-1, D.2): a side of at most 2^18, followed by metadata. */
function isCodestream(view: DataView): boolean {
  if (view.byteLength < 64) return false
  const bits = view.getUint32(2, true)
  const isSmall = (bits & 1) === 1
  return isSmall || ((bits >>> 1) & 3) < 3
}
