/**
 * Readable stretches of bytes that may be text, or anything.
 * @module
 */
import { compact } from "../compact.ts"
import type { Decoded } from "./decoded.ts"

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Shorter stretches are chance. */
const MIN_CHARS = 4

/** Bytes, each with the source position that it comes from. */
export interface PlacedBytes {
  readonly bytes: Uint8Array
  readonly positions: Int32Array
  readonly length: number
  /** Whether the last byte lies at the source's end. */
  readonly reachesEnd: boolean
  /** Whether the code they come from is too short to count yet. */
  readonly tentative: boolean
}

/**
 * Takes the stretches of UTF-8 without control characters.
 *
 * @param minAscii - stretches of ASCII in fewer characters may be left out, but for one that the end cuts off.
 * @returns where one begins that the end cut off.
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
    take(placed, { from, to: i, reachesEnd: isCut && reachesEnd, minAscii }, into)
    if (isCut) return reachesEnd ? (positions[i] as number) : undefined
    from = ++i
  }
  take(placed, { from, to: length, reachesEnd, minAscii }, into)
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

/** Whether bytes hold a text in so many characters of ASCII, or one with others. */
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

/** How many bytes from a place on are of a text: whole characters, but for one that the end cuts off. */
export function textBytesAt(bytes: Uint8Array, from: number, length: number): number {
  let i = from
  while (i < length) {
    const size = sizeAt(bytes, i, length)
    if (size === 0) break
    i += size
  }
  return Math.min(i, length) - from
}

/** Most stretches are a few chance bytes: only what may be a text is made one. */
function take(placed: PlacedBytes, { from, to, reachesEnd, minAscii }: Stretch, into: Decoded[]): void {
  if (to === from || (to - from < MIN_CHARS && !reachesEnd)) return
  const { bytes, positions } = placed
  if (!reachesEnd && to - from < minAscii && isAscii(bytes, from, to)) return
  const text = utf8.decode(bytes.subarray(from, to))
  const places = new Int32Array(text.length)
  for (let i = from, k = 0; k < text.length; k++) {
    places[k] = positions[i] as number
    // The second half of an astral character stands where the first does.
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

/** Bytes of the character that begins here; 0 where none does. Reaches past the end where it is cut off. */
function sizeAt(bytes: Uint8Array, from: number, length: number): number {
  const first = bytes[from] as number
  if (first < 0x80) return (first >= 0x20 && first !== 0x7f) || (first >= 0x09 && first <= 0x0d) ? 1 : 0
  const size =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  for (let k = 1; k < size && from + k < length; k++) if (((bytes[from + k] as number) & 0xc0) !== 0x80) return 0
  return size
}
