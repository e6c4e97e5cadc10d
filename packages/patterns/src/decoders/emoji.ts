/**
 * Emoji that read as letters or digits: flags, keycaps, letters and ideographs in squares and circles. A word may be
 * spelled in them, and they may come between the letters of a word.
 * @module
 */
import type { Decoder } from "./decoder.ts"

/** A quick test by code units, including sequences cut off at the end, because most texts have none. */
const HAS_ANY =
  /[\u20e3\u2122\u2139\u24c2\u3297\u3299]|\ud83c(?:[\udd70\udd71\udd7e\udd7f\udde6-\uddff\ude01\ude02\ude1a\ude2f\ude32-\ude3a\ude50\ude51]|$)|[0-9]\ufe0f?$/
/** A flag is two indicators. The end may cut off the second one, or the rest of a keycap. */
const SEQUENCE =
  /(\p{Regional_Indicator}(?:\ud83c?$)|[0-9]\ufe0f?$)|\p{Regional_Indicator}{2}|[0-9]\ufe0f?\u20e3|[\u2122\u2139\u24c2\u3297\u3299\u{1f170}\u{1f171}\u{1f17e}\u{1f17f}\u{1f201}\u{1f202}\u{1f21a}\u{1f22f}\u{1f232}-\u{1f23a}\u{1f250}\u{1f251}]/gu
/** Stands for any emoji: not a letter, and a word boundary. */
const SIGN = "\u25a1"

/** Replaces each of these emoji by {@link SIGN}. */
export const letterEmoji: Decoder = (source, _minAscii, isOpen) => {
  if (!HAS_ANY.test(source)) return { texts: [], openFrom: source.length }
  const positions = new Int32Array(source.length)
  const parts: string[] = []
  let [length, from, openFrom] = [0, 0, source.length]
  const keep = (to: number) => {
    for (let i = from; i < to; i++) positions[length++] = i
    parts.push(source.slice(from, to))
  }
  for (const { index, 0: whole, 1: cut } of source.matchAll(SEQUENCE)) {
    if (cut !== undefined) {
      openFrom = index
      continue
    }
    keep(index)
    parts.push(SIGN)
    positions[length++] = index
    from = index + whole.length
  }
  const end = isOpen ? openFrom : source.length
  if (from === 0 && end === source.length) return { texts: [], openFrom }
  keep(end)
  return { texts: [{ text: parts.join(""), positions: positions.subarray(0, length), reachesEnd: true }], openFrom }
}
