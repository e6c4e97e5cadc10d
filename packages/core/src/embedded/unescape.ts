import type { Decoder } from "./decoded.ts"
import { openHtmlReference, readHtmlReference } from "./html-reference.ts"

const HEX = "[0-9a-fA-F]"
/** Linear time: each alternative begins with its own character, and unbounded parts read one character class. */
const ESCAPE = new RegExp(
  [
    `%u(${HEX}{4})`,
    `((?:%${HEX}{2})+)`,
    "(&)(?=[#a-zA-Z])",
    `\\\\u\\{(${HEX}+)\\}`,
    `\\\\u(${HEX}{4})`,
    `\\\\U(${HEX}{8})`,
    `\\\\x(${HEX}{2})`,
    "\\\\([0-3][0-7]{0,2}|[4-7][0-7]?)",
    "\\\\(\\r?\\n)",
    "\\\\([\\s\\S])",
  ].join("|"),
  "g",
)
/** The beginning of an escape at the very end, or bytes of a character that may continue. */
const OPEN = new RegExp(
  `(?:%(?:u${HEX}{0,3}|${HEX}?)|(?:%[89a-fA-F]${HEX}){1,4}(?:%${HEX}?)?|\\\\(?:u(?:${HEX}{0,3}|\\{${HEX}{0,16})|U${HEX}{0,7}|x${HEX}?|[0-7]{1,2}|\\r)?)$`,
)
const LONGEST = 32
const CONTROL: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" }

/** Decodes percent, HTML, JSON and JavaScript escapes. */
export const unescapeText: Decoder = (source) => unescapeAs(source, percentText)

/** Like {@link unescapeText}, but each percent escape becomes one byte: a character from U+0000 to U+00FF. */
export const unescapeBytes: Decoder = (source) => unescapeAs(source, percentBytes)

/**
 * Reads a text as a URL parser does: percent escapes become bytes, tabs and line ends are dropped, and nothing else is
 * decoded.
 */
export const undoPercent: Decoder = (source) => {
  if (!/%[0-9a-fA-F]{2}/.test(source)) return { texts: [], openFrom: source.length }
  const positions = new Int32Array(source.length)
  let text = ""
  let length = 0
  for (const { index, 0: whole } of source.matchAll(URL_PIECE)) {
    const isByte = whole.length === 3 && whole.charCodeAt(0) === 0x25
    const piece = isByte ? String.fromCharCode(Number.parseInt(whole.slice(1), 16)) : whole
    for (let k = 0; k < piece.length; k++) positions[length++] = index + k
    text += piece
  }
  return { texts: [{ text, positions: positions.subarray(0, length), reachesEnd: true }], openFrom: source.length }
}

const URL_PIECE = /%[0-9a-fA-F]{2}|[^%\t\r\n]+|%/g

type PercentReader = (escapes: string, from: number, room: Room) => string

interface Room {
  readonly positions: Int32Array
  length: number
}

function unescapeAs(source: string, readPercent: PercentReader): ReturnType<Decoder> {
  if (!/[%&\\]/.test(source)) return { texts: [], openFrom: source.length }
  const tail = Math.max(0, source.length - LONGEST)
  const open = OPEN.exec(source.slice(tail))
  const openFrom = Math.min(open === null ? source.length : tail + open.index, openHtmlReference(source))
  // No escape is shorter than its meaning, in code units.
  const room: Room = { positions: new Int32Array(source.length), length: 0 }
  const parts: string[] = []
  let from = 0
  const keep = (to: number) => {
    for (let i = from; i < to; i++) room.positions[room.length++] = i
    parts.push(source.slice(from, to))
  }
  ESCAPE.lastIndex = 0
  for (let match = ESCAPE.exec(source); match !== null; match = ESCAPE.exec(source)) {
    const read =
      match[3] === undefined ? { meaning: undefined, length: match[0].length } : readHtmlReference(source, match.index)
    if (read === undefined) continue
    keep(match.index)
    from = match.index + read.length
    ESCAPE.lastIndex = from
    const bytes = match[2]
    if (bytes !== undefined) parts.push(readPercent(bytes, match.index, room))
    else {
      const meant = read.meaning ?? meaningOf(match)
      for (let k = 0; k < meant.length; k++) room.positions[room.length++] = match.index
      parts.push(meant)
    }
  }
  if (from === 0) return { texts: [], openFrom }
  keep(source.length)
  return {
    texts: [{ text: parts.join(""), positions: room.positions.subarray(0, room.length), reachesEnd: true }],
    openFrom,
  }
}

function meaningOf([, percentU, , , braced, unit, long, byte, octal, continued, single = ""]: RegExpExecArray): string {
  const digits = percentU ?? braced ?? unit ?? long ?? byte
  if (digits !== undefined) return fromPoint(Number.parseInt(digits, 16))
  if (octal !== undefined) return fromPoint(Number.parseInt(octal, 8))
  return continued === undefined ? (CONTROL[single] ?? single) : ""
}

function fromPoint(point: number): string {
  return point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd"
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

function toBytes(escapes: string): Uint8Array {
  return Uint8Array.from({ length: escapes.length / 3 }, (_, k) =>
    Number.parseInt(escapes.slice(3 * k + 1, 3 * k + 3), 16),
  )
}

/** Decodes `%63%61`; each character gets the position of its first byte. */
function percentText(escapes: string, from: number, room: Room): string {
  const bytes = toBytes(escapes)
  const text = utf8.decode(bytes)
  let byte = 0
  for (const character of text) {
    for (let k = 0; k < character.length; k++) room.positions[room.length++] = from + 3 * byte
    const first = bytes[byte] ?? 0
    byte = Math.min(
      bytes.length - 1,
      byte + (character === "\ufffd" || first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4),
    )
  }
  return text
}

function percentBytes(escapes: string, from: number, room: Room): string {
  const bytes = toBytes(escapes)
  let text = ""
  for (const [index, byte] of bytes.entries()) {
    room.positions[room.length++] = from + 3 * index
    text += String.fromCharCode(byte)
  }
  return text
}
