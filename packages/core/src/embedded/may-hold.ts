/**
 * A quick test whether a text can contain an encoded picture at all, because finding one costs far more.
 * @module
 */

import { BLANK, unseenKind, unseenUnits } from "./unseen.ts"

/** Fewest base64 or hexadecimal digits of a picture that shows something. */
const LEAST_LETTERS = 160
/** Shortest line of code; words of a sentence are shorter. */
const LEAST_LINE = 30
/** Fewest letters in consecutive words of equal length that count as a code in groups or short lines. */
const LEAST_ALIKE = 96

const LETTER = 1
const BREAK = 2
const ESCAPE = 3
const UNSEEN = 4
/**
 * Class of each character below 128 in a code: a letter, a separator of lines or groups, part of an escape, or
 * invisible.
 */
const CLASSES = new Uint8Array(128)
for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-") mark(letter, LETTER)
for (const letter of " \t\r\n\"',:") mark(letter, BREAK)
for (const letter of "\\%&=#;{}") mark(letter, ESCAPE)
CLASSES.fill(UNSEEN, 0, 0x09)
CLASSES.fill(BREAK, 0x09, 0x0e)
CLASSES.fill(UNSEEN, 0x0e, 0x20)
CLASSES[0x7f] = UNSEEN

function mark(letter: string, as: number): void {
  CLASSES[letter.charCodeAt(0)] = as
}

/** Names that occur in pictures whose bytes are written as characters. */
const NAMES = ["GIF87a", "GIF89a", "WEBPVP8", "JFIF", "IHDR", "ftypavif", "ftypheic", "ftypmif1"]
/** Beginnings of pictures in base64 and hexadecimal, and the label of base64 `data:` URLs, with breaks anywhere. */
const FIRST_DIGITS = new RegExp(
  ["/9j/", "iVBORw0", "R0lGOD", "UklGR", "ffd8ff", "89504e47", "47494638", "52494646", ";base64,"]
    .map((digits) => Array.from(digits).join("\\s*"))
    .join("|"),
  "i",
)
/**
 * Beginning of a byte's escape: `\x` and `\u00` after one backslash or more, `%`, `%25`, or `=` of quoted-printable.
 */
const ESCAPED = String.raw`(?:(?<!\\)\\+(?:x|u00)|%(?:25)*|=)`
/** The first bytes of pictures as characters or escapes: JPEG, PNG, GIF, RIFF, TIFF in either byte order, and boxes. */
const FIRST_BYTES = new RegExp(
  ["ffd8ff", "89504e47", "47494638", "52494646", "49492a00", "4d4d002a", "66747970"]
    .map((bytes) => bytes.replace(/../g, byteAs))
    .join("|"),
)

/** A pattern for a byte as a character or as any escape. */
function byteAs(byte: string): string {
  const digits = Array.from(byte, (digit) => `[${digit}${digit.toUpperCase()}]`).join("")
  const octal = byte === "00" ? String.raw`|(?<!\\)\\+0{1,3}` : ""
  return `(?:\\u00${byte}|${ESCAPED}${digits}${octal})`
}

/** Fewest escapes of bytes, and most characters between two of them, that count as encoded bytes. */
const LEAST_BYTES = 40
const MAX_BETWEEN = 16
const ESCAPED_BYTE = new RegExp(`${ESCAPED}[\\da-fA-F]{2}`, "g")

function hasManyBytes(text: string): boolean {
  let count = 0
  let end = 0
  for (const { index, 0: whole } of text.matchAll(ESCAPED_BYTE)) {
    count = index - end > MAX_BETWEEN ? 1 : count + 1
    if (count >= LEAST_BYTES) return true
    end = index + whole.length
  }
  return false
}

/** Whether a text may contain a picture that shows something. */
export function mayHoldPictures(text: string): boolean {
  if (hasCode(text) || NAMES.some((name) => text.includes(name))) return true
  return FIRST_BYTES.test(text) || FIRST_DIGITS.test(text) || hasManyBytes(text)
}

/**
 * Whether there are enough consecutive letters of a code, separated only by escapes, ends of long lines or words of
 * equal length.
 */
function hasCode(text: string): boolean {
  let letters = 0
  let word = 0
  let alike = 0
  let length = 0
  const endWord = () => {
    alike = word === length ? alike + word : word
    length = word
    if (word < LEAST_LINE) letters = 0
    word = 0
    return length > 1 && alike >= LEAST_ALIKE
  }
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const kind = code < 128 ? CLASSES[code] : kindBehindAscii(text, index)
    if (kind === LETTER) {
      word++
      if (++letters >= LEAST_LETTERS) return true
    } else if (kind === ESCAPE) {
      if (isOtherByte(text, index, code)) letters = 0
      // The letters of `\n` and `\r` are not part of a word.
      if (code === BACKSLASH && isLineEnd(text.charCodeAt(index + 1))) {
        index++
        if (word > 0 && endWord()) return true
      }
    } else if (kind === BREAK) {
      if (word > 0 && endWord()) return true
    } else if (kind !== UNSEEN) {
      letters = 0
      word = 0
      length = 0
    } else if ((code & 0xfc00) === 0xd800) index++
  }
  return false
}

function kindBehindAscii(text: string, offset: number): number {
  if (unseenUnits(text, offset) === 0) return 0
  return unseenKind(text.charCodeAt(offset)) === BLANK ? BREAK : UNSEEN
}

const BACKSLASH = 0x5c

function isLineEnd(code: number): boolean {
  return code === 0x6e || code === 0x72
}

/** Whether an escape encodes a character that no code contains, such as a letter of another alphabet. */
function isOtherByte(text: string, offset: number, code: number): boolean {
  const next = text.charCodeAt(offset + 1)
  if (code === BACKSLASH && next === 0x75) return text[offset + 2] !== "0" && text[offset + 2] !== "{"
  const isHex = code === 0x25 || code === 0x3d || (code === BACKSLASH && next === 0x78)
  if (!isHex) return false
  const digit = code === BACKSLASH ? text.charCodeAt(offset + 2) : next
  return digit === 0x38 || digit === 0x39 || (digit >= 0x41 && digit <= 0x46) || (digit >= 0x61 && digit <= 0x66)
}
