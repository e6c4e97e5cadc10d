import { BASE64_VALUES, OTHER, SPACE } from "./base64-digits.ts"
import { type Base64Run, base64Runs } from "./base64-runs.ts"
import { bytesToTexts } from "./bytes-to-texts.ts"
import type { Decoded } from "./decoded.ts"
import { createScratch } from "./scratch.ts"

const byteRoom = createScratch()

/** Shorter runs are words. */
const MIN_RUN = 8
/** Shorter texts are chance. */
const MIN_GROUPED_BYTES = 4

/** Adds the texts in groups of digits with white space between, of any size: from the first digit that begins one to where it ends. */
export function readGroups(source: string, texts: Decoded[]): void {
  let from = 0
  let begins = false
  let isApart = true
  for (let i = 0; i <= source.length; i++) {
    const value = i < source.length ? valueAt(source, i) : OTHER
    if (value < SPACE) {
      begins ||= isApart && BEGINS_TEXT[value] === 1 && beginsText(source, i)
      isApart = false
      continue
    }
    isApart = true
    if (value === SPACE) continue
    if (begins) {
      const stretch = { from, isLast: i === source.length }
      base64Runs(source.slice(from, i), MIN_RUN, (run) => readRunInGroups(run, stretch, texts))
    }
    from = i + 1
    begins = false
  }
}

/** Whether a digit may be the first one of a text: of a letter of ASCII, or of the first byte of another. */
const BEGINS_TEXT = Uint8Array.from({ length: 64 }, (_, value) => Number(value < 32 || value >= 48))

/**
 * Whether the first bytes in the digits from a place on are of a text, and more than one word holds them. Few words of a
 * language begin so: this costs far less than reading them.
 */
function beginsText(source: string, from: number): boolean {
  let bits = 0
  let digits = 0
  let length = 0
  let missing = 0
  let isApart = false
  for (let i = from; i < source.length; i++) {
    const value = valueAt(source, i)
    if (value === OTHER) return false
    if (value === SPACE) {
      isApart = true
    } else {
      bits = ((bits << 6) | value) & 0xffff
      if (digits++ % 4 === 0) continue
      missing = missingBehind((bits >> (6 - 2 * ((digits - 1) % 4))) & 0xff, missing)
      if (missing < 0) return false
      length++
    }
    if (isApart && length >= MIN_GROUPED_BYTES) return true
  }
  return false
}

/** A digit's value; {@link SPACE} for white space, and for what may not be seen. */
function valueAt(source: string, at: number): number {
  const code = source.charCodeAt(at)
  return code < 0x80 ? (BASE64_VALUES[code] as number) : SPACE
}

interface Stretch {
  /** Position in the source at which it begins. */
  readonly from: number
  /** Whether it ends where the source does. */
  readonly isLast: boolean
}

function readRunInGroups(
  { digits, size, words, wordCount, reachesEnd, at: positionOf }: Base64Run,
  { from: offset, isLast: isLastStretch }: Stretch,
  texts: Decoded[],
): void {
  // A word before the code may by chance read as text in another alignment: what that covers hides nothing of this one.
  const coveredTo = [0, 0, 0, 0]
  for (let word = 0; word + 1 < wordCount; word++) {
    const place = words[word] as number
    if (place < (coveredTo[place & 3] as number)) continue
    const length = textBytes(digits, place, size)
    const end = place + Math.floor((length * 4) / 3)
    // Within one word it is found without this.
    if (length < MIN_GROUPED_BYTES || end < (words[word + 1] as number)) continue
    coveredTo[place & 3] = end
    const { bytes, at } = byteRoom(length)
    for (let k = 0; k < length; k++) {
      bytes[k] = byteAt(digits, place, k)
      at[k] = offset + positionOf(place + Math.floor(k / 3) * 4)
    }
    const toEnd = reachesEnd && isLastStretch && end + 2 >= size
    bytesToTexts({ bytes, at, length, reachesEnd: toEnd, tentative: false }, texts)
    // Words before the code, read as its beginning, may put a letter before it: behind bytes that are no ASCII it is
    // also read from the next word on.
    let [from, isAscii] = [0, true]
    const take = (to: number, isLast: boolean) => {
      if (to - from < MIN_GROUPED_BYTES && !isLast) return
      const [some, places] = [bytes.subarray(from, to), at.subarray(from, to)]
      bytesToTexts({ bytes: some, at: places, length: to - from, reachesEnd: isLast, tentative: false }, texts)
    }
    let k = 0
    for (let next = word + 1; next < wordCount && (words[next] as number) < end; next++) {
      const digitsBefore = (words[next] as number) - place
      if (digitsBefore % 4 !== 0) continue
      const to = (digitsBefore / 4) * 3
      while (isAscii && k < to) isAscii = (bytes[k++] as number) < 0x80
      if (isAscii || to >= length) continue
      take(to, false)
      ;[from, k, isAscii] = [to, to, true]
    }
    if (from > 0) take(length, toEnd)
  }
}

/** How many bytes from a place on are of a text in UTF-8, whose last character may be cut off. */
function textBytes(digits: Uint8Array, place: number, size: number): number {
  const most = Math.floor(((size - place) * 3) / 4)
  let whole = 0
  let missing = 0
  for (let length = 0; length < most; length++) {
    missing = missingBehind(byteAt(digits, place, length), missing)
    if (missing < 0) return whole
    if (missing === 0) whole = length + 1
  }
  return most
}

/**
 * How many bytes of a character of UTF-8 are missing behind a byte of it.
 *
 * @param missing - the same of the byte before.
 * @returns -1 where the byte is of no text.
 */
function missingBehind(byte: number, missing: number): number {
  if (missing > 0) return (byte & 0xc0) === 0x80 ? missing - 1 : -1
  if (byte < 0x80) return (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x09 && byte <= 0x0d) ? 0 : -1
  if (byte < 0xc2 || byte >= 0xf5) return -1
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
}

function byteAt(digits: Uint8Array, place: number, k: number): number {
  const i = place + Math.floor(k / 3) * 4 + (k % 3)
  const two = ((digits[i] as number) << 6) | (digits[i + 1] as number)
  return (two >> (4 - 2 * (k % 3))) & 0xff
}
