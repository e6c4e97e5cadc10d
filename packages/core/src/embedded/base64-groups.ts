import { BASE64_VALUES, SPACE } from "./base64-digits.ts"
import { type Base64Run, base64Runs } from "./base64-runs.ts"
import { bytesToTexts, holdsText, textBytesAt } from "./bytes-to-texts.ts"
import type { Decoded } from "./decoded.ts"
import { createScratch } from "./scratch.ts"

const byteRoom = createScratch()

/** Shorter runs are usually words. */
const MIN_RUN = 8
/** Shorter texts are usually accidental. */
const MIN_TEXT_BYTES = 4

/**
 * Adds the texts encoded in groups of digits of any size, with white space between them. Reads at all four alignments,
 * because words of any length may precede the code.
 *
 * @param minAscii - ASCII texts with fewer characters may be left out.
 */
export function readGroups(source: string, minAscii: number, texts: Decoded[]): void {
  let from = 0
  let hasGroups = false
  let isApart = false
  for (let i = 0; i <= source.length; i++) {
    const code = i < source.length ? source.charCodeAt(i) : OTHER_CODE
    const value = code < 0x80 ? (BASE64_VALUES[code] as number) : SPACE
    if (value < SPACE) {
      hasGroups ||= isApart
      isApart = false
    } else if (value === SPACE) isApart = i > from
    else {
      if (hasGroups && i - from > MIN_RUN) readStretch(source, { from, to: i, minAscii }, texts)
      from = i + 1
      hasGroups = false
      isApart = false
    }
  }
}

/** Code of a character that is not a digit. */
const OTHER_CODE = 0x3d

interface Stretch {
  readonly from: number
  readonly to: number
  readonly minAscii: number
}

function readStretch(source: string, { from, to, minAscii }: Stretch, texts: Decoded[]): void {
  base64Runs(source.slice(from, to), MIN_RUN, (run) => {
    if (run.wordCount < 2) return
    const isLast = run.reachesEnd && to === source.length
    for (let shift = 0; shift < 4; shift++) readAt(run, { shift, offset: from, isLast, minAscii }, texts)
  })
}

interface Alignment {
  readonly shift: number
  /** Position of the run's source in the whole source. */
  readonly offset: number
  readonly isLast: boolean
  readonly minAscii: number
}

function readAt(run: Base64Run, { shift, offset, isLast, minAscii }: Alignment, texts: Decoded[]): void {
  const { digits, size, words, wordCount } = run
  const { bytes, positions } = byteRoom(size)
  const length = ((size - shift) * 3) >> 2
  for (let i = shift, k = 0; k < length; i += 4) {
    const [b = 0, c = 0] = [digits[i + 1], digits[i + 2]]
    bytes[k++] = ((digits[i] as number) << 2) | (b >> 4)
    bytes[k++] = (b << 4) | (c >> 2)
    bytes[k++] = (c << 6) | (digits[i + 3] as number)
  }
  // Most words contain no text, and then positions are not needed.
  if (!isLast && !holdsText(bytes, length, Math.max(MIN_TEXT_BYTES, minAscii))) return
  let word = 0
  for (let k = 0; k < length; k++) {
    const place = shift + Math.trunc(k / 3) * 4
    while (word + 1 < wordCount && (words[word + 1] as number) <= place) word++
    positions[k] = offset + run.positionIn(word, place)
  }
  bytesToTexts({ bytes, positions, length, reachesEnd: isLast, tentative: false }, texts, minAscii)
  // Words before the code may decode to a letter before the text, so the text is also read from the word with which it
  // begins.
  for (let next = 1; next < wordCount; next++) {
    const before = (words[next] as number) - shift
    const from = (before >> 2) * 3
    if (before <= 0 || before % 4 !== 0 || from >= length || isControl(bytes[from - 1] as number)) continue
    const count = textBytesAt(bytes, from, length)
    const reachesEnd = isLast && from + count === length
    if (count < MIN_TEXT_BYTES && !reachesEnd) continue
    const [some, places] = [bytes.subarray(from, from + count), positions.subarray(from, from + count)]
    bytesToTexts({ bytes: some, positions: places, length: count, reachesEnd, tentative: false }, texts, minAscii)
  }
}

/** Whether a byte ends a text. */
function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f
}
