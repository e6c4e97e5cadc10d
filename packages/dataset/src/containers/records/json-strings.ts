/**
 * Finds the strings of a JSON value with their paths, without building the value.
 *
 * Source: RFC 8259. `NaN`, `Infinity` and `-Infinity` are accepted too, since Python's `json` writes them.
 * @module
 */
import { isSpace } from "./fragments.ts"

/** A string value. */
export interface JsonString {
  /** Makes its path, such as `messages[0].content[1].image_url.url`; valid until the next string. */
  readonly path: () => string
  /** Key of the member that it is, or that holds the array it is in; empty where there is none. */
  readonly key: string
  /** Bytes between its quotes, escapes not undone. */
  readonly bytes: Buffer
  readonly hasEscapes: boolean
  /** Keys and indexes around it: 1 for a member of the outermost object. */
  readonly depth: number
}

/** What became of reading a value. */
export type JsonVerdict = "valid" | "malformed" | "too_deep"

/** Deeper values are not read; loaders give up at about a thousand. */
const MAX_DEPTH = 512
/** Longest path that is given; keys are the dataset's own. */
const MAX_PATH_CHARS = 500

interface Level {
  readonly isArray: boolean
  /** Of the member that is being read; of the one that holds an array. */
  key: string
  index: number
}

/**
 * Reads one JSON value, which must be all of the bytes but white space.
 *
 * @param leastBytes - Shorter strings are not reported.
 * @param onString - Called for every string value, in order; keys are not reported.
 */
export function scanJson(bytes: Buffer, leastBytes: number, onString: (found: JsonString) => void): JsonVerdict {
  const levels: Level[] = []
  let offset = 0
  const skipSpace = () => {
    while (isSpace(bytes[offset])) offset++
  }
  /** Reads a string whose quote is at the offset; leaves the offset behind it. */
  const readString = (): { readonly start: number; readonly end: number; readonly hasEscapes: boolean } | undefined => {
    const start = ++offset
    let hasEscapes = false
    for (; offset < bytes.length; offset++) {
      const byte = bytes[offset] as number
      if (byte === QUOTE) return { start, end: offset++, hasEscapes }
      if (byte < 0x20) return undefined
      if (byte !== BACKSLASH) continue
      hasEscapes = true
      const length = escapeBytes(bytes, offset)
      if (length === 0) return undefined
      offset += length - 1
    }
    return undefined
  }
  const readKey = (level: Level): boolean => {
    skipSpace()
    if (bytes[offset] !== QUOTE) return false
    const key = readString()
    if (key === undefined) return false
    level.key = bytes.toString("utf8", key.start, Math.min(key.end, key.start + MAX_PATH_CHARS))
    skipSpace()
    return bytes[offset++] === COLON
  }
  for (;;) {
    skipSpace()
    const byte = bytes[offset]
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (levels.length === MAX_DEPTH) return "too_deep"
      const isArray = byte === OPEN_ARRAY
      const level: Level = { isArray, key: isArray ? (levels.at(-1)?.key ?? "") : "", index: 0 }
      offset++
      skipSpace()
      if (bytes[offset] !== (level.isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
        levels.push(level)
        if (!level.isArray && !readKey(level)) return "malformed"
        continue
      }
      offset++
    } else if (byte === QUOTE) {
      const text = readString()
      if (text === undefined) return "malformed"
      const { start, end, hasEscapes } = text
      if (end - start >= leastBytes) {
        onString({
          path: () => pathOf(levels),
          key: levels.at(-1)?.key ?? "",
          bytes: bytes.subarray(start, end),
          hasEscapes,
          depth: levels.length,
        })
      }
    } else {
      const length = literalBytes(bytes, offset)
      if (length === 0) return "malformed"
      offset += length
    }
    // After a value: close what ends here, then go on to the next member.
    for (;;) {
      skipSpace()
      const level = levels.at(-1)
      if (level === undefined) return offset === bytes.length ? "valid" : "malformed"
      const next = bytes[offset++]
      if (next === COMMA) {
        level.index++
        if (!level.isArray && !readKey(level)) return "malformed"
        break
      }
      if (next !== (level.isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return "malformed"
      levels.pop()
    }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** Length of an escape, or 0 if it is none. */
function escapeBytes(bytes: Buffer, offset: number): number {
  const letter = bytes[offset + 1]
  if (letter === undefined) return 0
  if (letter !== 0x75) return ESCAPES.includes(letter) ? 2 : 0
  for (let digit = offset + 2; digit < offset + 6; digit++) if (!isHexDigit(bytes[digit])) return 0
  return 6
}

const ESCAPES = Buffer.from('"\\/bfnrt')

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

const LITERAL = /^(?:true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
/** Longer numbers are no numbers that anything reads. */
const MAX_LITERAL_BYTES = 4096

/** Length of a number or word, or 0 if there is none. */
function literalBytes(bytes: Buffer, offset: number): number {
  let end = offset
  while (end < bytes.length && isLiteralByte(bytes[end] as number)) end++
  if (end - offset > MAX_LITERAL_BYTES) return 0
  return LITERAL.test(bytes.toString("latin1", offset, end)) ? end - offset : 0
}

function isLiteralByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  )
}

function pathOf(levels: readonly Level[]): string {
  let path = ""
  for (const { isArray, key, index } of levels) {
    if (isArray) path += `[${index}]`
    else path += path === "" ? key : `.${key}`
    if (path.length > MAX_PATH_CHARS) return path.slice(0, MAX_PATH_CHARS)
  }
  return path
}
