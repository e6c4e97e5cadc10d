/**
 * Measures the cost of a JSON text before it is parsed, in one pass over its bytes as they arrive, without building
 * values. It does not check whether the text is JSON.
 * @module
 */
import { RequestError } from "./errors.ts"

/** Limits of a JSON text. */
export interface JsonBounds {
  /** Nesting of arrays and objects. */
  readonly depth: number
  /** Values in total: elements, members' values and the outermost value. */
  readonly values: number
  /** Members of one object. */
  readonly members: number
  /** Bytes of one string between its quotation marks, as written. */
  readonly stringBytes: number
  /** Bytes of one member's key, as written. */
  readonly keyBytes: number
  /** Escapes (`\n`, `\u0061`) in all strings, in total. */
  readonly escapes: number
  /** Bytes of spaces, tabs and line ends between values, in total. */
  readonly blankBytes: number
}

/**
 * Limits for a call to a service. Parsing a text within them takes some tens of milliseconds in the worst case. The
 * limit on the body also limits the lengths of strings.
 */
export const JSON_BOUNDS: JsonBounds = {
  depth: 64,
  values: 200_000,
  members: 10_000,
  stringBytes: Number.POSITIVE_INFINITY,
  keyBytes: 1_024,
  escapes: 500_000,
  blankBytes: 4 * 1024 * 1024,
}

/** Longest number, `true`, `false` or `null`, in bytes. */
const SCALAR_BYTES = 1_024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const ARRAY = 0x5b
const OBJECT = 0x7b
const ARRAY_END = 0x5d
const OBJECT_END = 0x7d

/** Counts the values, members, strings and escapes of one text. */
export class JsonStructure {
  readonly #bounds: JsonBounds
  /** For each open array or object, outermost first: -1 for an array, or the number of members so far. */
  readonly #open: number[] = []
  #values = 1
  #escapes = 0
  #blank = 0
  #scalar = 0
  /** Bytes of the open string; -1 outside of a string. */
  #string = -1
  #isKey = false
  #isEscaped = false

  constructor(bounds: JsonBounds = JSON_BOUNDS) {
    this.#bounds = bounds
  }

  /**
   * Counts the next chunk of the text, which may be cut anywhere.
   *
   * @throws {RequestError} `input_invalid` as soon as a limit is exceeded; the message never quotes the text.
   */
  push(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) {
      if (this.#string >= 0) index = this.#skipString(bytes, index)
      else this.#take(bytes[index] as number)
    }
  }

  #take(byte: number): void {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      this.#scalar = 0
      if (++this.#blank > this.#bounds.blankBytes) throw beyond("too much space between values")
      return
    }
    switch (byte) {
      case QUOTE:
        this.#string = 0
        break
      case ARRAY:
      case OBJECT:
        this.#enter(byte === OBJECT)
        break
      case ARRAY_END:
      case OBJECT_END:
        this.#open.pop()
        this.#isKey = false
        break
      case COMMA:
        this.#next()
        break
      case COLON:
        this.#isKey = false
        break
      default:
        if (++this.#scalar > SCALAR_BYTES) throw beyond("a number is too long")
        return
    }
    this.#scalar = 0
  }

  #enter(isObject: boolean): void {
    if (this.#open.length >= this.#bounds.depth) throw beyond("nested too deeply")
    this.#open.push(isObject ? 1 : -1)
    this.#isKey = isObject
    this.#count()
  }

  #next(): void {
    const last = this.#open.length - 1
    const members = this.#open[last] ?? -1
    if (members >= 0) {
      if (members >= this.#bounds.members) throw beyond("an object has too many members")
      this.#open[last] = members + 1
    }
    this.#isKey = members >= 0
    this.#count()
  }

  #count(): void {
    if (++this.#values > this.#bounds.values) throw beyond("too many values")
  }

  /** Scans a string's bytes. Returns the position of its closing quotation mark, or of the last byte of this chunk. */
  #skipString(bytes: Uint8Array, from: number): number {
    let offset = from
    if (this.#isEscaped) {
      this.#isEscaped = false
      offset++
    }
    let quote = bytes.indexOf(QUOTE, offset)
    for (;;) {
      const end = quote === -1 ? bytes.length : quote
      const slash = indexWithin(bytes, BACKSLASH, offset, end)
      if (slash === -1) {
        this.#lengthen(end - from)
        if (quote !== -1) this.#string = -1
        return quote === -1 ? bytes.length - 1 : quote
      }
      if (++this.#escapes > this.#bounds.escapes) throw beyond("too many escapes")
      offset = slash + 2
      if (offset > bytes.length) {
        this.#isEscaped = true
        this.#lengthen(bytes.length - from)
        return bytes.length - 1
      }
      if (quote !== -1 && quote < offset) quote = bytes.indexOf(QUOTE, offset)
    }
  }

  #lengthen(bytes: number): void {
    this.#string += Math.max(0, bytes)
    if (this.#string > this.#bounds.stringBytes) throw beyond("a string is too long")
    if (this.#isKey && this.#string > this.#bounds.keyBytes) throw beyond("a key is too long")
  }
}

/** Bytes to check one by one before a native search over the rest is worthwhile. */
const NEAR = 32

/** Position of a byte before an end, or -1; does not search far beyond the end. */
function indexWithin(bytes: Uint8Array, byte: number, from: number, end: number): number {
  const near = Math.min(end, from + NEAR)
  for (let offset = from; offset < near; offset++) if (bytes[offset] === byte) return offset
  if (near === end) return -1
  const found = bytes.subarray(near, end).indexOf(byte)
  return found === -1 ? -1 : near + found
}

/**
 * Checks a whole text.
 *
 * @throws {RequestError} `input_invalid` if it exceeds a limit; the message never quotes the text.
 */
export function assertJsonBounds(bytes: Uint8Array, bounds: JsonBounds = JSON_BOUNDS): void {
  new JsonStructure(bounds).push(bytes)
}

function beyond(what: string): RequestError {
  return new RequestError("input_invalid", `the body cannot be read: ${what}`)
}
