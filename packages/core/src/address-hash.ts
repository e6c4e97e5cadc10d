/**
 * The hash of a key of an address: what a list holds of an address, and what it is found by.
 * @module
 */

/** Running state over a key's characters: two words of 32 bits. */
export interface KeyState {
  one: number
  two: number
}

const START_ONE = 0x811c9dc5
const START_TWO = 0x2545f491
const STEP_ONE = 0x01000193
const STEP_TWO = 0x9e3779b1

/** Words that begin a state. */
export const KEY_START: KeyState = Object.freeze({ one: START_ONE | 0, two: START_TWO | 0 })

/** The first word after one more byte. */
export function stepOne(one: number, byte: number): number {
  return Math.imul(one ^ byte, STEP_ONE)
}

/** The second word after one more byte. */
export function stepTwo(two: number, byte: number): number {
  return Math.imul(((two << 7) | (two >>> 25)) ^ byte, STEP_TWO)
}

/**
 * Upper half of a key's prefix.
 *
 * @param kind - Code of the key's first character, which is not part of the state.
 */
export function prefixUpper(one: number, two: number, kind: number): number {
  return mix(one ^ Math.imul(two ^ kind, 0x85ebca6b))
}

/** Lower half of a key's prefix. */
export function prefixLower(one: number, two: number, kind: number): number {
  return mix(two ^ Math.imul(one + kind, 0xc2b2ae35))
}

/** Finalisation of MurmurHash3. */
function mix(word: number): number {
  let mixed = word ^ (word >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A key's prefix: two words of 32 bits, unsigned. */
export function addressPrefix(key: string): readonly [number, number] {
  const bytes = new TextEncoder().encode(key)
  let { one, two } = KEY_START
  for (let index = 1; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    one = stepOne(one, byte)
    two = stepTwo(two, byte)
  }
  const kind = bytes[0] ?? 0
  return [prefixUpper(one, two, kind), prefixLower(one, two, kind)]
}

/**
 * The hash of an address's key, 64 hexadecimal digits: a prefix that costs a few nanoseconds, so that a hundred million
 * addresses can be looked up, and the last 48 digits of the key's SHA-256, which decide.
 *
 * @param key - As `urlEntryKey` and `urlLookupKeys` give it.
 * @param sha256 - Of the key in UTF-8, lower-case hexadecimal.
 */
export function addressHash(key: string, sha256: string): string {
  const [upper, lower] = addressPrefix(key)
  return `${hex(upper)}${hex(lower)}${sha256.slice(16)}`
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0")
}
