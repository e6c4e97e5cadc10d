/**
 * Directories of icons. Their first bytes are mostly zero, which is also true of much other data.
 * @module
 */
import type { Budget } from "./budget.ts"

/** Bytes that are read one at a time, because decoding all of them for each candidate would cost more. */
export interface ByteReader {
  readonly byteAt: (offset: number) => number
  readonly sizeBytes: number
}

/** Most entries of a directory to examine. */
const MAX_ENTRIES = 1024
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const DEPTHS: ReadonlySet<number> = new Set([1, 2, 4, 8, 16, 24, 32])

/** Whether bytes begin like an icon or a cursor. */
export function beginsAsIcon([a, b, c, d]: Uint8Array): boolean {
  return a === 0 && b === 0 && (c === 1 || c === 2) && d === 0
}

/** Whether any entry points to a picture after the directory; readers choose among the entries. */
export function hasIconEntry(bytes: ByteReader, budget: Budget): boolean {
  const { sizeBytes } = bytes
  if (sizeBytes < 22) return false
  const count = unitAt(bytes, 4)
  const to = Math.min(6 + 16 * Math.min(count, MAX_ENTRIES), sizeBytes - 15)
  for (let position = 6; position < to; position += 16) {
    if (budget.steps-- <= 0) return true
    const offset = longAt(bytes, position + 12)
    if (longAt(bytes, position + 8) > 0 && offset >= 6 + 16 * count && isIconPicture(bytes, offset)) return true
  }
  return false
}

/** Whether there is a PNG or a bitmap header of any kind at an offset. */
export function isIconPicture(bytes: ByteReader, offset: number): boolean {
  if (offset + 16 > bytes.sizeBytes) return false
  if (PNG.every((byte, k) => bytes.byteAt(offset + k) === byte)) return true
  const header = longAt(bytes, offset)
  if (header === 12) return unitAt(bytes, offset + 4) > 0 && DEPTHS.has(unitAt(bytes, offset + 10))
  const isHeader = (header >= 16 && header <= 64) || header === 108 || header === 124
  return (
    isHeader && longAt(bytes, offset + 4) > 0 && longAt(bytes, offset + 8) > 0 && DEPTHS.has(unitAt(bytes, offset + 14))
  )
}

function unitAt({ byteAt }: ByteReader, offset: number): number {
  return byteAt(offset) | (byteAt(offset + 1) << 8)
}

function longAt(bytes: ByteReader, offset: number): number {
  return unitAt(bytes, offset) + unitAt(bytes, offset + 2) * 0x10000
}
