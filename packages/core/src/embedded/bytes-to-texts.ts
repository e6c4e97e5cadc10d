/**
 * Finds readable stretches in arbitrary bytes.
 * @module
 */
import { compact } from "../compact.ts"
import type { Decoded } from "./decoded.ts"

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Shorter stretches are usually accidental. */
const MIN_CHARS = 4

/** Bytes, each with its source position. */
export interface PlacedBytes {
  readonly bytes: Uint8Array
  readonly positions: Int32Array
  readonly length: number
  /** Whether the last byte is at the source's end. */
  readonly reachesEnd: boolean
  /** Whether their code is still too short to count. */
  readonly tentative: boolean
}

/**
 * Adds the stretches of UTF-8 without control characters.
 *
 * @param minAscii - ASCII stretches with fewer characters may be left out, except one that the end cuts off.
 * @returns the start of a stretch that the end cut off.
 */
export function bytesToTexts(placed: PlacedBytes, into: Decoded[], minAscii = 0): number | undefined {
  const { bytes, positions, length, reachesEnd } = placed
  let from = 0
  for (let i = 0; i < length; ) {
    const size = sizeAt(bytes, i, length)
    if (size > 0 && i + size <= length) {
      i += size
      continue
    }
    const isCut = size > 0
    decodeStretch(placed, { from, to: i, reachesEnd: isCut && reachesEnd, minAscii }, into)
    if (isCut) return reachesEnd ? (positions[i] as number) : undefined
    from = ++i
  }
  decodeStretch(placed, { from, to: length, reachesEnd, minAscii }, into)
  return undefined
}

interface Stretch {
  readonly from: number
  readonly to: number
  readonly reachesEnd: boolean
  readonly minAscii: number
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] as number) >= 0x80) return false
  return true
}

/** Whether bytes contain a text of at least `minAscii` ASCII characters, or a short text with other characters. */
export function holdsText(bytes: Uint8Array, length: number, minAscii: number): boolean {
  let from = 0
  let isAscii = true
  for (let i = 0; i < length; ) {
    const size = sizeAt(bytes, i, length)
    if (size === 0) {
      from = ++i
      isAscii = true
    } else {
      if (size > 1) isAscii = false
      i += size
      if (i - from >= (isAscii ? minAscii : MIN_CHARS)) return true
    }
  }
  return false
}

/** Number of bytes from an offset that form a text: whole characters, except one that the end cuts off. */
export function textBytesAt(bytes: Uint8Array, from: number, length: number): number {
  let i = from
  while (i < length) {
    const size = sizeAt(bytes, i, length)
    if (size === 0) break
    i += size
  }
  return Math.min(i, length) - from
}

/** Decodes a stretch only if it may be a text; most stretches are a few accidental bytes. */
function decodeStretch(placed: PlacedBytes, { from, to, reachesEnd, minAscii }: Stretch, into: Decoded[]): void {
  if (to === from || (to - from < MIN_CHARS && !reachesEnd)) return
  const { bytes, positions } = placed
  if (!reachesEnd && to - from < minAscii && isAscii(bytes, from, to)) return
  const text = utf8.decode(bytes.subarray(from, to))
  const places = new Int32Array(text.length)
  for (let i = from, k = 0; k < text.length; k++) {
    places[k] = positions[i] as number
    // Both halves of an astral character have the same position.
    const isHigh = (text.charCodeAt(k) & 0xfc00) === 0xd800
    if (!isHigh) i += sizeAt(bytes, i, to)
  }
  const tentative = placed.tentative || text.length < MIN_CHARS
  if (text.length >= MIN_CHARS || reachesEnd)
    into.push(
      compact({
        text,
        positions: places,
        reachesEnd,
        tentative: tentative ? (true as const) : undefined,
      }),
    )
}

/**
 * Size in bytes of the character that begins here; 0 where none does. May extend past the end, where the character is
 * cut off.
 */
function sizeAt(bytes: Uint8Array, from: number, length: number): number {
  const first = bytes[from] as number
  if (first < 0x80) return (first >= 0x20 && first !== 0x7f) || (first >= 0x09 && first <= 0x0d) ? 1 : 0
  const size =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  for (let k = 1; k < size && from + k < length; k++) if (((bytes[from + k] as number) & 0xc0) !== 0x80) return 0
  return size
}
