/**
 * A quick test of a cell's text: whether there can be more to it than words.
 * @module
 */
import { isUtf8 } from "node:buffer"
import { TextSearch } from "@nightlight/core"
import { mayHoldPictures } from "@nightlight/core/embedded"

/** A text of fewer bytes has fewer digits than a picture that shows something has in any code. */
const LEAST_CODE_BYTES = 160
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
for (const letter of "Rr:") SIGNS[letter.charCodeAt(0)] = NEXT

/**
 * Whether a text may hold a picture, a drawing or a document in any code, so that all of its row must be looked at. It
 * is never false where {@link mayHoldPictures} or `TextSearch` would find something in it.
 */
export function mayHoldMore(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < LEAST_CODE_BYTES && !hasSigns(bytes, start, start + length)) return false
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

/** Whether a name of a format stands around a letter: `svg`, `xpm`, `%pdf`, `bits`, `GIF8`, `JFIF`, `WEBP`, `IHDR`, `ftyp`. */
function isPart(bytes: Uint8Array, start: number, at: number): boolean {
  const lower = (index: number) => (index < start ? 0 : (bytes[index] ?? 0) | 0x20)
  switch (lower(at)) {
    case 0x76:
      return lower(at - 1) === 0x73 && lower(at + 1) === 0x67
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
      return lower(at - 1) === 0x66 && lower(at - 2) === 0x69
    case 0x3a:
      return lower(at - 1) === 0x61 && lower(at - 2) === 0x74
    default:
      return bytes[at + 1] === 0xbf
  }
}
