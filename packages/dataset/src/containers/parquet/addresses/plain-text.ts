/**
 * A quick test of a cell's text: whether there can be more to it than words.
 * @module
 */
import { isUtf8 } from "node:buffer"
import { TextSearch } from "@nightlight/core"
import { mayHoldPictures } from "@nightlight/core/embedded"

/** From this length on, the text itself is searched: it could hold a code without a known beginning. */
const LEAST_CODE_BYTES = 160
/** As {@link LEAST_CODE_BYTES}, for a code in words of equal length. */
const LEAST_GROUPED_BYTES = 96
/** Escapes of bytes, and letters that may be bytes written as characters, as they add up to a picture's first bytes. */
const LEAST_SIGNS = 64

const NEXT = 0x1000
const SURE = 0x100000
/** What each byte adds; {@link NEXT} where the bytes around it decide. */
const SIGNS = new Int32Array(256)
SIGNS.fill(SURE, 0, 0x20)
for (const byte of [0x7f, 0x5c]) SIGNS[byte] = SURE
// Tab and line ends.
for (const byte of [0x09, 0x0a, 0x0d]) SIGNS[byte] = 8
for (const byte of [0x25, 0x3d]) SIGNS[byte] = 4
for (const byte of [0xc2, 0xc3]) SIGNS[byte] = 8
SIGNS[0xef] = NEXT
for (const letter of "vVxXfFbB8") SIGNS[letter.charCodeAt(0)] = NEXT
for (const letter of "Rr:Kk0469") SIGNS[letter.charCodeAt(0)] = NEXT

/**
 * Whether a text may hold a picture, a drawing or a document in any code, so that all of its row must be looked at. A
 * long text is asked all that {@link mayHoldPictures} and `TextSearch` ask; a short one, of which there are very many,
 * only for the beginnings of what they find.
 */
export function mayHoldMore(bytes: Uint8Array, start: number, length: number): boolean {
  const isShort = length < LEAST_GROUPED_BYTES || (length < LEAST_CODE_BYTES && hasUnequalWords(bytes, start, length))
  if (isShort && !hasSigns(bytes, start, start + length)) return false
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("utf8")
  if (text.includes("\ufffd") || CONTROLS.test(text)) return true
  if (mayHoldPictures(text)) return true
  const search = new TextSearch()
  search.push(text)
  const { kind } = search.conclude({ mediaType: "application/json", kind: "text" })
  return kind !== "text" || DRAWING.test(text)
}

/** Parts of drawings and documents that only count together with others, which may be in another cell. */
const DRAWING = /data:|svg|%pdf-|_bits|xpm|binhex|\\pict|<!entity|xml-stylesheet|startxref|%%eof/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffe\uffff]/

function hasSigns(bytes: Uint8Array, start: number, end: number): boolean {
  let signs = 0
  let all = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    all |= byte
    const sign = SIGNS[byte] as number
    if (sign === 0) continue
    if (sign !== NEXT) signs += sign
    else if (isPart(bytes, start, at)) return true
  }
  return signs >= LEAST_SIGNS || (all >= 0x80 && !isUtf8(bytes.subarray(start, end)))
}

/** Whether a text has no run of words of equal length that together are long enough for a code. */
function hasUnequalWords(bytes: Uint8Array, start: number, length: number): boolean {
  let word = 0
  let before = 0
  let alike = 0
  for (let at = start; at <= start + length; at++) {
    const byte = at < start + length ? (bytes[at] as number) : SPACE
    if (byte > SPACE) {
      word++
      continue
    }
    if (word === 0) continue
    // Quotation marks and commas may stand between words, so that lengths may differ by them.
    alike = Math.abs(word - before) <= 2 ? alike + word : word
    if (alike >= LEAST_GROUPED_BYTES / 2) return false
    before = word
    word = 0
  }
  return true
}

const SPACE = 0x20

/**
 * Whether a name of a format, or the first digits of a picture in base64 or hexadecimal, stand around a letter: `svg`,
 * `xpm`, `%pdf`, `bits`, `GIF8`, `JFIF`, `WEBP`, `IHDR`, `ftyp`; `/9j/`, `iVBO`, `R0lG`, `UklG`, `ffd8ff`, `8950`, `4749`,
 * `5249`, `;base64,`. Digits may have spaces and line ends between them.
 */
function isPart(bytes: Uint8Array, start: number, at: number): boolean {
  const lower = (index: number) => (index < start ? 0 : (bytes[index] ?? 0) | 0x20)
  const isBetween = (before: string, after: string) =>
    lower(seenBefore(bytes, start, at)) === before.charCodeAt(0) && lower(seenAfter(bytes, at)) === after.charCodeAt(0)
  switch (lower(at)) {
    case 0x76:
      return (lower(at - 1) === 0x73 && lower(at + 1) === 0x67) || isBetween("i", "b")
    case 0x78:
      return (lower(at + 1) === 0x70 && lower(at + 2) === 0x6d) || (lower(at - 1) === 0x65 && lower(at + 1) === 0x68)
    case 0x66:
      if (lower(at + 1) === 0x74 && lower(at + 2) === 0x79 && lower(at + 3) === 0x70) return true
      return (bytes[at - 3] === 0x25 && lower(at - 1) === 0x64) || (lower(at - 1) === 0x6a && lower(at + 1) === 0x69)
    case 0x62:
      if (lower(at + 1) === 0x69 && lower(at + 2) === 0x74 && lower(at + 3) === 0x73) return true
      if (lower(at + 1) === 0x69 && lower(at + 2) === 0x6e && lower(at + 3) === 0x68) return true
      return lower(at - 1) === 0x65 && lower(at - 2) === 0x77 && lower(at + 1) === 0x70
    case 0x72:
      return lower(at - 1) === 0x64 && lower(at - 2) === 0x68 && lower(at - 3) === 0x69
    case 0x38:
      return (lower(at - 1) === 0x66 && lower(at - 2) === 0x69) || isBetween("d", "f")
    case 0x6b:
      return isBetween("u", "l")
    case 0x30:
      return isBetween("r", "l")
    case 0x34:
      return isBetween("6", ",")
    case 0x36:
      return isBetween("e", "4")
    case 0x39:
      return isBetween("/", "j") || isBetween("8", "5") || isBetween("4", "4")
    case 0x3a:
      return lower(at - 1) === 0x61 && lower(at - 2) === 0x74
    default:
      return bytes[at + 1] === 0xbf
  }
}

/** Position of the character before one, spaces and line ends aside. */
function seenBefore(bytes: Uint8Array, start: number, at: number): number {
  let index = at - 1
  while (index >= start && (bytes[index] as number) <= SPACE) index--
  return index
}

/** Position of the character after one, spaces and line ends aside. */
function seenAfter(bytes: Uint8Array, at: number): number {
  let index = at + 1
  while ((bytes[index] ?? 0xff) <= SPACE) index++
  return index
}
