/**
 * The hash of a key of an address: what a list holds of an address, and what it is found by. The dataset's module for
 * columns computes the same prefixes.
 * @module
 */

const START_ONE = 0x811c9dc5
const START_TWO = 0x2545f491
const STEP_ONE = 0xcc9e2d51
const STEP_TWO = 0x9e3779b1
const WORD_BYTES = 4

/**
 * A key's prefix: two words of 32 bits, unsigned. The bytes after the key's first character go into two running words,
 * four at a time, the last ones with zeros behind them.
 */
export function addressPrefix(key: string): readonly [upper: number, lower: number] {
  const bytes = new TextEncoder().encode(key)
  const kind = bytes[0] ?? 0
  let one = START_ONE
  let two = START_TWO
  const step = (word: number) => {
    one = rotate(Math.imul(one ^ word, STEP_ONE), 15)
    two = rotate(Math.imul(two + word, STEP_TWO), 13)
  }
  let at = 1
  for (; at + WORD_BYTES <= bytes.length; at += WORD_BYTES) step(wordAt(bytes, at))
  step(wordAt(bytes, at))
  one ^= Math.max(0, bytes.length - 1)
  return [mix(one ^ Math.imul(two ^ kind, 0x85ebca6b)), mix(two ^ Math.imul(one + kind, 0xc2b2ae35))]
}

/** Four bytes, the least significant first; 0 behind the end. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

/** Finalisation of MurmurHash3. */
function mix(word: number): number {
  let mixed = word ^ (word >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
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
