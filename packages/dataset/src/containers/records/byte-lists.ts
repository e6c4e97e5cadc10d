/**
 * Pictures and other media that a JSON text carries as lists of numbers: JavaScript writes a `Buffer` so, and pandas a
 * column of bytes.
 * @module
 */
import { sniffMedia } from "@nightlight/core"

/** A list of the numbers of a file's bytes. */
export interface ByteList {
  /** Offset of its bracket. */
  readonly start: number
  readonly end: number
  /** How many numbers it has. */
  readonly sizeBytes: number
}

/** Fewest numbers of a list that is taken for a file; below lie pictures that show nothing. */
const LEAST_BYTES = 120
/** Numbers by which a file is recognised: the mark of a tar is behind the 257th. */
const HEAD_BYTES = 512

const OPEN = 0x5b
const CLOSE = 0x5d
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30

/** The lists in a text whose numbers are the bytes of a picture, document, array or archive; signed ones count too. */
export function* byteListsIn(text: Uint8Array): Generator<ByteList, void> {
  const head = new Uint8Array(HEAD_BYTES)
  for (let start = text.indexOf(OPEN); start !== -1; start = text.indexOf(OPEN, start + 1)) {
    const begun = readNumbers(text, start, { into: head, most: HEAD_BYTES })
    if (begun.count < LEAST_BYTES) continue
    const { kind } = sniffMedia(head.subarray(0, begun.count), text.length)
    if (kind === "unknown" || kind === "opaque" || kind === "text") continue
    const { count, end, isWhole } = readNumbers(text, start, { most: Number.POSITIVE_INFINITY })
    if (isWhole) yield { start, end, sizeBytes: count }
    start = end - 1
  }
}

/** The file of a list found by {@link byteListsIn}. */
export function decodeByteList(text: Uint8Array, { start, sizeBytes }: ByteList): Buffer {
  const into = Buffer.alloc(sizeBytes)
  readNumbers(text, start, { into, most: sizeBytes })
  return into
}

interface ReadNumbers {
  /** How many numbers were read. */
  readonly count: number
  /** Offset behind the last of them, or behind the list. */
  readonly end: number
  /** Whether the list ended. */
  readonly isWhole: boolean
}

/** Reads numbers from -128 to 255 behind a bracket, until there are enough or something else comes. */
function readNumbers(
  text: Uint8Array,
  start: number,
  { into, most }: { readonly into?: Uint8Array; readonly most: number },
): ReadNumbers {
  let at = start + 1
  for (let count = 0; ; ) {
    while (isSpace(text[at])) at++
    const isNegative = text[at] === MINUS
    if (isNegative) at++
    let value = 0
    const first = at
    for (; at - first < 3 && isDigit(text[at]); at++) value = value * 10 + (text[at] as number) - ZERO
    const isByte = at > first && value <= (isNegative ? 128 : 255)
    while (isSpace(text[at])) at++
    const isEnd = text[at] === CLOSE
    if (!isByte || (!isEnd && text[at] !== COMMA)) return { count, end: at, isWhole: false }
    if (into !== undefined) into[count] = isNegative ? -value : value
    count++
    at++
    if (isEnd || count === most) return { count, end: at, isWhole: isEnd }
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
