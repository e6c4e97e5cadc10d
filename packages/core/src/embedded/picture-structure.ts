/**
 * Finds the end of a picture in bytes that may continue after it, and whether enough of the picture is present to show
 * anything.
 *
 * Sources: ITU-T T.81 annex B (JPEG), PNG third edition 5, GIF89a, RFC 9649 (WebP), ISO/IEC 14496-12 (boxes).
 * @module
 */
import type { Budget } from "./budget.ts"
import { isIconPicture } from "./icon-entries.ts"

/** Result of walking a picture's structure. */
export interface PictureStructure {
  /** Offset after its last byte; `undefined` where that byte is missing or the format does not define an end. */
  readonly end: number | undefined
  /** Whether there is more than headers, so that a viewer may show something. */
  readonly shows: boolean
}

const NOTHING: PictureStructure = { end: undefined, shows: false }

/**
 * Walks the structure. When the budget is used up, the result is a picture that shows something and has no end.
 *
 * @returns `undefined` for bytes that turn out not to be a picture: a JPEG without a frame header.
 */
export function pictureStructure(bytes: Uint8Array, mediaType: string, budget: Budget): PictureStructure | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (mediaType) {
    case "image/jpeg":
      return jpeg(bytes, view, budget)
    case "image/png":
    case "image/apng":
      return png(view, budget)
    case "image/gif":
      return gif(bytes, budget)
    case "image/webp":
      return webp(view)
    case "image/bmp":
      return bitmap(view)
    case "image/vnd.microsoft.icon":
      return icon(view)
    case "image/avif":
    case "image/avif-sequence":
    case "image/heic":
    case "image/jxl":
    case "image/jp2":
      // A codestream without boxes has no defined end either.
      return bytes[0] === 0xff ? endless(bytes) : boxes(view, budget)
    default:
      return endless(bytes)
  }
}

function endless(bytes: Uint8Array): PictureStructure {
  return { end: undefined, shows: bytes.length >= 64 }
}

function jpeg(bytes: Uint8Array, view: DataView, budget: Budget): PictureStructure | undefined {
  let hasFrame = false
  for (let offset = 2; offset + 4 <= bytes.length; ) {
    if (budget.steps-- <= 0) return { end: undefined, shows: true }
    const marker = view.getUint8(offset + 1)
    if (view.getUint8(offset) !== 0xff) {
      offset = bytes.indexOf(0xff, offset)
      if (offset === -1) break
    } else if (marker === 0xff) offset += 1
    else if (marker === 0xd9) break
    else if (marker === 0xda) {
      if (hasFrame) return scans(bytes, offset + 2 + view.getUint16(offset + 2), budget)
      offset += 2
    } else if (marker === 0x01 || marker === 0 || (marker >= 0xd0 && marker <= 0xd8)) offset += 2
    else {
      if (isFrameHeader(view, offset)) hasFrame = true
      offset += 2 + Math.max(2, view.getUint16(offset + 2))
    }
  }
  return hasFrame ? NOTHING : undefined
}

/** Whether it is a header SOF0 to SOF15 with a valid depth, 1 to 4 components and a table of the stated length. */
function isFrameHeader(view: DataView, offset: number): boolean {
  if (offset + 10 > view.byteLength || view.getUint8(offset) !== 0xff) return false
  const marker = view.getUint8(offset + 1)
  if (marker < 0xc0 || marker > 0xcf || marker === 0xc4 || marker === 0xc8 || marker === 0xcc) return false
  const components = view.getUint8(offset + 9)
  const depth = view.getUint8(offset + 4)
  const isSized = depth >= 2 && depth <= 16 && view.getUint16(offset + 7) > 0
  return isSized && components >= 1 && components <= 4 && view.getUint16(offset + 2) === 8 + 3 * components
}

/**
 * Coded data, in which 0xFF is followed by zero or a restart marker, so the first end marker is the end, unless it is
 * within a table.
 */
function scans(bytes: Uint8Array, from: number, budget: Budget): PictureStructure {
  for (let marker = bytes.indexOf(0xff, from); marker !== -1; marker = bytes.indexOf(0xff, marker + 1)) {
    if (budget.steps-- <= 0) break
    if (bytes[marker + 1] === 0xd9) return { end: marker + 2, shows: true }
  }
  return { end: undefined, shows: bytes.length > from }
}

function png(view: DataView, budget: Budget): PictureStructure {
  let shows = false
  for (let offset = 8; offset + 8 <= view.byteLength; ) {
    if (budget.steps-- <= 0) return { end: undefined, shows: true }
    const size = view.getUint32(offset)
    const name = view.getUint32(offset + 4)
    if (offset === 8 && name !== IHDR && name !== CGBI) return NOTHING
    if ((name === IDAT || name === FDAT) && size > 0 && offset + 8 < view.byteLength) shows = true
    offset += 12 + size
    if (name === IEND) return { end: offset <= view.byteLength ? offset : undefined, shows }
  }
  return { end: undefined, shows }
}

const IHDR = 0x49484452
const CGBI = 0x43674249
const IDAT = 0x49444154
const FDAT = 0x66644154
const IEND = 0x49454e44

function gif(bytes: Uint8Array, budget: Budget): PictureStructure {
  let shows = false
  let offset = 13 + colourTableBytes(bytes[10] ?? 0)
  while (offset < bytes.length) {
    if (budget.steps-- <= 0) return { end: undefined, shows: true }
    const block = bytes[offset]
    if (block === 0x3b) return { end: offset + 1, shows }
    if (block === 0x2c) {
      offset += 11 + colourTableBytes(bytes[offset + 9] ?? 0)
      if (offset < bytes.length) shows = true
    } else if (block === 0x21) offset += 2
    else return { end: undefined, shows }
    for (let size = bytes[offset]; size !== undefined && size !== 0; size = bytes[offset]) {
      if (budget.steps-- <= 0) return { end: undefined, shows: true }
      offset += 1 + size
    }
    offset += 1
  }
  return { end: undefined, shows }
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

function webp(view: DataView): PictureStructure {
  const end = 8 + view.getUint32(4, true)
  // This is a header of either kind of picture data, and its first data.
  const shows = view.byteLength > 40
  // A writer may omit the padding byte after an odd size.
  if (end === view.byteLength + 1) return { end: view.byteLength, shows }
  return { end: end >= 20 && end <= view.byteLength ? end : undefined, shows }
}

function bitmap(view: DataView): PictureStructure {
  const size = view.getUint32(2, true)
  const pixels = view.getUint32(10, true)
  const shows = view.byteLength > Math.max(26, pixels)
  return { end: size > pixels && size <= view.byteLength ? size : undefined, shows }
}

function icon(view: DataView): PictureStructure {
  const count = view.getUint16(4, true)
  if (count > 255) return { end: undefined, shows: true }
  const bytes = { byteAt: (position: number) => view.getUint8(position), sizeBytes: view.byteLength }
  let end = 0
  let shows = false
  for (let k = 0; k < count && 22 + 16 * k <= view.byteLength; k++) {
    const offset = view.getUint32(18 + 16 * k, true)
    end = Math.max(end, offset + view.getUint32(14 + 16 * k, true))
    if (isIconPicture(bytes, offset) && offset + leastHeader(view, offset) < view.byteLength) shows = true
  }
  return { end: end > 0 && end <= view.byteLength ? end : undefined, shows }
}

/** Bytes of a bitmap's header before its first colour, for the oldest kind or any other; a PNG has more. */
function leastHeader(view: DataView, offset: number): number {
  return offset + 4 <= view.byteLength && view.getUint32(offset, true) === 12 ? 18 : 40
}

function boxes(view: DataView, budget: Budget): PictureStructure {
  let shows = false
  let offset = 0
  while (offset + 8 <= view.byteLength) {
    if (budget.steps-- <= 0) return { end: undefined, shows: true }
    if (!isBoxName(view, offset + 4)) break
    const size = view.getUint32(offset)
    const isLong = size === 1 && offset + 16 <= view.byteLength
    const sizeBytes = size === 0 ? view.byteLength - offset : isLong ? Number(view.getBigUint64(offset + 8)) : size
    if (sizeBytes < 8) break
    if (offset > 0 && offset + 64 < view.byteLength) shows = true
    offset += sizeBytes
  }
  if (offset === 0) return { end: undefined, shows: view.byteLength >= 64 }
  return { end: offset <= view.byteLength ? offset : undefined, shows }
}

function isBoxName(view: DataView, offset: number): boolean {
  for (let k = 0; k < 4; k++) {
    const code = view.getUint8(offset + k) | 0x20
    if (!(code === 0x20 || (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a))) return false
  }
  return true
}
