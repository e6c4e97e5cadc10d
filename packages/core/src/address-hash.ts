/**
 * The hash of a key of an address: what a list holds of an address, and what it is found by. The dataset's module for
 * columns computes the same prefixes.
 * @module
 */

/** A number of 64 bits as two words, the upper one first. */
type Word64 = readonly [upper: number, lower: number]

const START: Word64 = [0x811c9dc5, 0x2545f491]
const STEP: Word64 = [0x9e3779b9, 0x7f4a7c15]
const LENGTH_STEP: Word64 = [0xc2b2ae3d, 0x27d4eb4f]
const LAST_STEP: Word64 = [0xff51afd7, 0xed558ccd]
const STEP_BYTES = 8

/**
 * A key's prefix: two words of 32 bits, unsigned. The upper one is that of the key's host, so that one look-up tells of
 * an address whose host is in no list that nothing of it is. The two highest bits of the lower one tell what is meant.
 */
export function addressPrefix(key: string): Word64 {
  const [, host = ""] = HOST.exec(key) ?? []
  const [upper] = hashOf(`.${host}`)
  const [, lower] = hashOf(key)
  return [upper, ((lower & 0x3fffffff) | (kindOf(key) << 30)) >>> 0]
}

/** A key's host, behind its first character. */
const HOST = /^.([^/]*)/s

/**
 * The hash of a key. The bytes after its first character go into one running number of 64 bits, eight at a time, the last
 * ones with zeros behind them; then their count and the first character.
 */
function hashOf(key: string): Word64 {
  const bytes = new TextEncoder().encode(key)
  const length = Math.max(0, bytes.length - 1)
  let state = START
  let at = 1
  for (; at + STEP_BYTES <= bytes.length; at += STEP_BYTES) state = step(state, wordAt(bytes, at))
  const ended = xor(step(state, wordAt(bytes, at)), multiply([bytes[0] ?? 0, length], LENGTH_STEP))
  return mixDown(multiply(mixDown(ended), LAST_STEP))
}

/** What a key is of, as the two highest bits of its prefix's lower word: 0 an address, 1 a folder, 2 a host. */
function kindOf(key: string): number {
  return key.startsWith("/") ? 1 : key.startsWith(".") ? 2 : 0
}

/** The state after eight more bytes. */
function step(state: Word64, word: Word64): Word64 {
  const [upper, lower] = multiply(xor(state, word), STEP)
  return [((upper << 29) | (lower >>> 3)) >>> 0, ((lower << 29) | (upper >>> 3)) >>> 0]
}

/** Eight bytes, the least significant first; 0 behind the end. */
function wordAt(bytes: Uint8Array, at: number): Word64 {
  return [halfAt(bytes, at + 4), halfAt(bytes, at)]
}

function halfAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

function xor(one: Word64, other: Word64): Word64 {
  return [(one[0] ^ other[0]) >>> 0, (one[1] ^ other[1]) >>> 0]
}

/** Adds the upper half to the lower one. */
function mixDown([upper, lower]: Word64): Word64 {
  return [upper, (lower ^ upper) >>> 0]
}

/** The lower 64 bits of a product. */
function multiply([oneUpper, oneLower]: Word64, [otherUpper, otherLower]: Word64): Word64 {
  const crossed = Math.imul(oneUpper, otherLower) + Math.imul(oneLower, otherUpper)
  return [(upperProduct(oneLower, otherLower) + crossed) >>> 0, Math.imul(oneLower, otherLower) >>> 0]
}

/** The upper 32 bits of the product of two words. */
function upperProduct(one: number, other: number): number {
  const [oneLow, oneHigh, otherLow, otherHigh] = [one & 0xffff, one >>> 16, other & 0xffff, other >>> 16]
  const middle = oneHigh * otherLow + ((oneLow * otherLow) >>> 16)
  const carry = oneLow * otherHigh + (middle & 0xffff)
  return oneHigh * otherHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)
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
