/**
 * Strict JSON, which every program reads in the same way: UTF-8 without a byte order mark, no duplicate keys, no keys
 * with a meaning in JavaScript, no numbers that lose digits, bounded depth.
 * @module
 */
import { RequestError } from "./errors.ts"
import { assertJsonBounds, JSON_BOUNDS, type JsonBounds } from "./json-structure.ts"

/** Deepest nesting that {@link parseStrictJson} reads. */
export const JSON_DEPTH_MAX = JSON_BOUNDS.depth

/** Longer texts are measured before they are parsed; shorter ones are always parsed quickly. */
const SMALL_TEXT = 64 * 1024

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Parses JSON after checking it against limits; see {@link JsonBounds}.
 *
 * @param bytes - the whole text. Not modified.
 * @throws {RequestError} `input_invalid`; the message never quotes the input.
 */
export function parseStrictJson(bytes: Uint8Array, bounds: JsonBounds = JSON_BOUNDS): unknown {
  assertJsonBounds(bytes, bounds)
  return parseCounted(decode(bytes))
}

/**
 * Like {@link parseStrictJson}, for text. @throws {RequestError} `input_invalid`; the message never quotes the input.
 */
export function parseStrictJsonText(text: string, bounds: JsonBounds = JSON_BOUNDS): unknown {
  if (text.length > SMALL_TEXT) assertJsonBounds(new TextEncoder().encode(text), bounds)
  return parseCounted(text)
}

/**
 * Parses JSON whose bytes were already checked with a {@link JsonStructure} as they arrived.
 *
 * @throws {RequestError} `input_invalid`; the message never quotes the input.
 */
export function parseCountedJson(bytes: Uint8Array): unknown {
  return parseCounted(decode(bytes))
}

function parseCounted(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid("not JSON")
  }
  assertStrict(text)
  return value
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalid("not UTF-8")
  }
}

/**
 * Checks a text that is known to be JSON; strings are skipped whole, so that a picture in base64 costs only a search.
 */
function assertStrict(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let keyNext = false
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = stringEnd(text, index + 1)
        const keys = open[open.length - 1]
        if (keyNext && keys !== undefined) addKey(keys, text.slice(index, end + 1))
        keyNext = false
        index = end
        break
      }
      case 0x7b:
      case 0x5b: {
        keyNext = text.charCodeAt(index) === 0x7b
        open.push(keyNext ? new Set() : undefined)
        if (open.length > JSON_DEPTH_MAX) throw invalid("nested too deeply")
        break
      }
      case 0x7d:
      case 0x5d:
        open.pop()
        keyNext = false
        break
      case 0x2c:
        keyNext = open[open.length - 1] !== undefined
        break
      default:
        if (isNumberStart(text.charCodeAt(index))) index = assertNumber(text, index)
    }
  }
}

function isNumberStart(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39)
}

/** Position of a string's closing quotation mark. */
function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
}

/** Any integer with at most this many digits is below 2^53. */
const SAFE_DIGITS = 15

/** Checks a number and returns the position of its last character. */
function assertNumber(text: string, offset: number): number {
  let end = offset + 1
  let isInteger = true
  let hasExponent = false
  for (; ; end++) {
    const code = text.charCodeAt(end)
    if (code >= 0x30 && code <= 0x39) continue
    if (code === 0x2e) isInteger = false
    else if (code === 0x65 || code === 0x45) hasExponent = true
    else if (code !== 0x2b && code !== 0x2d) break
  }
  // Most numbers are short and need no check.
  if (end - offset > SAFE_DIGITS || hasExponent) {
    const value = Number(text.slice(offset, end))
    if (!Number.isFinite(value)) throw invalid("a number is too large for a double")
    if (isInteger && !hasExponent && !Number.isSafeInteger(value)) throw invalid("an integer is beyond 2^53")
  }
  return end - 1
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
  if (keys.has(key)) throw invalid("duplicate key")
  if (FORBIDDEN_KEYS.has(key)) throw invalid("a key is not allowed")
  keys.add(key)
}

function invalid(what: string): RequestError {
  return new RequestError("input_invalid", `the body cannot be read: ${what}`)
}
