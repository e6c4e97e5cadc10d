/**
 * DataComp's ids of samples: numbers of 128 bits, written as up to 32 hexadecimal digits.
 *
 * Here an id is four words of 32 bits as they lie in its file: the lower and the upper word of its first 64 bits, then
 * those of its last 64 bits.
 *
 * Source: DataComp, `resharder.py`, which reads an id as one number: leading zeros may be absent.
 * @module
 */

/** Words of one id. */
export const UID_WORDS = 4
/** Bytes of one id in a file. */
export const UID_BYTES = 16

const WORD_DIGITS = 8
const MAX_DIGITS = UID_WORDS * WORD_DIGITS
/** Where the four words stand, from the first digits to the last. */
const PLACES = [1, 0, 3, 2] as const

/** Value of a hexadecimal digit by its character's code; 16 for another character. */
const DIGITS = new Uint8Array(256).fill(16)
for (const [value, digit] of Array.from("0123456789abcdef").entries()) {
  DIGITS[digit.charCodeAt(0)] = value
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value
}

/** A text within bytes. */
export interface TextIn {
  readonly bytes: Uint8Array
  readonly start: number
  readonly length: number
}

/**
 * Reads an id into four words of an array.
 *
 * @returns whether the text is one to 32 hexadecimal digits; where it is not, the words are of no use.
 */
export function readUid({ bytes, start, length }: TextIn, into: Uint32Array, offset: number): boolean {
  if (length < 1 || length > MAX_DIGITS) return false
  let all = 0
  let end = start + length
  for (let index = UID_WORDS - 1; index >= 0; index--) {
    let word = 0
    for (let at = Math.max(start, end - WORD_DIGITS); at < end; at++) {
      const digit = DIGITS[bytes[at] as number] as number
      all |= digit
      word = (word << 4) | digit
    }
    into[offset + (PLACES[index] as number)] = word
    end -= WORD_DIGITS
  }
  return all < 16
}

/** Compares two ids as numbers. @returns less than 0, 0, or more than 0. */
export function compareUids(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  for (const place of PLACES) {
    const difference = (a[atA + place] as number) - (b[atB + place] as number)
    if (difference !== 0) return difference
  }
  return 0
}
