import { type Pixels, releaseMemory } from "../pixels.ts"
import type { Dib } from "./dib-header.ts"
import { readRle } from "./rle.ts"

/** Pixels of a bitmap, and whether anything was missing or impossible. */
export interface DibPixels {
  readonly pixels: Pixels
  readonly isDamaged: boolean
}

/**
 * Decodes a bitmap whose size was already checked. Missing rows stay black.
 *
 * @param header - bytes from the header's first byte on.
 * @param data - bytes from the first coded pixel on.
 * @returns `undefined` where there is not even one row.
 */
export function dibPixels(dib: Dib, header: Buffer, data: Buffer): DibPixels | undefined {
  if (dib.coding !== "plain") return runs(dib, colours(dib, header), data)
  const rows = Math.min(dib.height, Math.floor(data.length / dib.rowBytes))
  if (rows === 0) return undefined
  const isCut = rows < dib.height
  const seen = dib.bits <= 8 ? indexed(dib, colours(dib, header), { data, rows }) : direct(dib, data, rows)
  return { ...seen, isDamaged: seen.isDamaged || isCut }
}

/** Red, green and blue of each palette entry in the file. */
function colours({ palette }: Dib, header: Buffer): Uint8Array {
  const { at, entryBytes } = palette
  const count = Math.max(0, Math.min(palette.count, Math.floor((header.length - at) / entryBytes)))
  const table = new Uint8Array(3 * count)
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < 3; i++) table[3 * k + i] = header[at + entryBytes * k + 2 - i] ?? 0
  }
  return table
}

interface Rows {
  readonly data: Buffer
  /** Number of complete rows. */
  readonly rows: number
}

function indexed(dib: Dib, table: Uint8Array, { data, rows }: Rows): DibPixels {
  const { width, height, bits } = dib
  const out = new Uint8Array(width * height * 3)
  const mask = 2 ** bits - 1
  let isDamaged = false
  for (let row = 0; row < rows; row++) {
    let to = rowOf(dib, row) * width * 3
    const from = row * dib.rowBytes
    for (let x = 0; x < width; x++, to += 3) {
      const bit = x * bits
      const index = ((data[from + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask
      if (3 * index >= table.length) isDamaged = true
      else for (let i = 0; i < 3; i++) out[to + i] = table[3 * index + i] ?? 0
    }
  }
  return { pixels: pixelsOf(out, dib, 3), isDamaged }
}

/** Decodes runs. Pixels that no run reaches are transparent in some viewers, and have the first colour in others. */
function runs(dib: Dib, table: Uint8Array, data: Buffer): DibPixels {
  const { width, height } = dib
  const out = new Uint8Array(width * height * 4)
  for (let to = 0; to < out.length; to += 4) for (let i = 0; i < 3; i++) out[to + i] = table[i] ?? 0
  let isDamaged = false
  const { end, isSound } = readRle(data, dib, (x, y, index) => {
    const to = (rowOf(dib, y) * width + x) * 4
    if (3 * index >= table.length) isDamaged = true
    for (let i = 0; i < 3; i++) out[to + i] = table[3 * index + i] ?? 0
    out[to + 3] = 255
  })
  return { pixels: pixelsOf(out, dib, 4), isDamaged: isDamaged || !isSound || end === undefined }
}

function direct(dib: Dib, data: Buffer, rows: number): DibPixels {
  const { width, height, bits } = dib
  const bytes = bits / 8
  // Without masks the fourth byte has no meaning, but some viewers use it as alpha if any is set.
  const isFree = bits === 32 && dib.masks[3] === 0 && dib.masks.reduce((all, mask) => all | mask, 0) === 0xffffff
  const takesFourth = isFree && hasFourth(data, dib, rows)
  const masks = takesFourth ? [...dib.masks.slice(0, 3), 0xff000000] : dib.masks
  const channels = masks[3] === 0 ? 3 : 4
  const reads = masks.slice(0, channels).map(channelOf)
  const out = new Uint8Array(width * height * channels)
  for (let row = 0; row < rows; row++) {
    let to = rowOf(dib, row) * width * channels
    let from = row * dib.rowBytes
    for (let x = 0; x < width; x++, from += bytes) {
      const value =
        bytes === 4 ? data.readUInt32LE(from) : bytes === 3 ? data.readUIntLE(from, 3) : data.readUInt16LE(from)
      for (let i = 0; i < channels; i++) {
        const { mask, shift, scale } = reads[i] as Channel
        out[to++] = ((value & mask) >>> shift) * scale + 0.5
      }
    }
  }
  return { pixels: pixelsOf(out, dib, channels), isDamaged: false }
}

function hasFourth(data: Buffer, { width, rowBytes }: Dib, rows: number): boolean {
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < width; x++) if (data[row * rowBytes + 4 * x + 3] !== 0) return true
  }
  return false
}

interface Channel {
  readonly mask: number
  readonly shift: number
  /** Factor that scales the value to 255. */
  readonly scale: number
}

function channelOf(mask: number): Channel {
  if (mask === 0) return { mask, shift: 0, scale: 0 }
  const shift = 31 - Math.clz32(mask & -mask)
  return { mask, shift, scale: 255 / (mask >>> shift) }
}

/** Rows are stored bottom-up, unless the header says otherwise. */
function rowOf({ isTopDown, height }: Dib, row: number): number {
  return isTopDown ? row : height - 1 - row
}

function pixelsOf(data: Uint8Array, { width, height }: Dib, channels: 3 | 4): Pixels {
  return { data, width, height, channels, release: () => releaseMemory(data) }
}
