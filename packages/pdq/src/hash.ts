/**
 * PDQ hashes as bytes and as text, and the distance between two of them.
 *
 * Source: facebook/ThreatExchange, pdq/README.md: 256-bit hashes; two pictures match at a distance of at most 31; a
 * hash with quality below 50 is too unreliable to match.
 * @module
 */
import { PdqError } from "./errors.ts"

/** Length of a PDQ hash: 256 bits. */
export const HASH_BYTES = 32

/** Greatest distance in bits at which two hashes count as the same picture. */
export const MATCH_RADIUS_BITS = 31

/** Lowest quality, of 0 to 100, at which a hash is reliable enough to match. */
export const MATCH_MIN_QUALITY = 50

const HEX_PATTERN = /^[0-9a-f]{64}$/i

/** Number of set bits of every byte value; a look-up is faster than eight shifts. */
const BIT_COUNT: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0
  for (let rest = byte; rest !== 0; rest &= rest - 1) bits++
  return bits
})

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/**
 * Writes a hash as text.
 *
 * @param hash - 32 bytes, bit 255 first: the order in every function of this package.
 * @returns 64 lower-case hexadecimal digits, as in Meta's tools.
 * @throws {PdqError} `hash_malformed` if `hash` is not exactly 32 bytes.
 */
export function toHex(hash: Uint8Array): string {
  assertHash(hash)
  let hex = ""
  // Every element is a byte, and the table has 256 entries.
  for (const byte of hash) hex += HEX_OF_BYTE[byte]!
  return hex
}

/**
 * Reads a hash from text.
 *
 * @param hex - 64 hexadecimal digits in either case, without anything around them.
 * @returns 32 new bytes, bit 255 first.
 * @throws {PdqError} `hash_malformed` if `hex` is anything else.
 */
export function fromHex(hex: string): Uint8Array {
  if (typeof hex !== "string" || !HEX_PATTERN.test(hex)) {
    const got = typeof hex === "string" ? `${hex.length} characters` : typeof hex
    throw new PdqError("hash_malformed", `expected 64 hexadecimal digits, got ${got}`)
  }
  const hash = new Uint8Array(HASH_BYTES)
  for (let i = 0; i < HASH_BYTES; i++) hash[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return hash
}

/**
 * Counts the bits in which two PDQ hashes differ.
 *
 * Two unrelated pictures are near 128 bits apart; the usual limit for "same picture" is {@link MATCH_RADIUS_BITS},
 * which the caller can choose.
 *
 * @param a - 32 bytes. Not modified.
 * @param b - 32 bytes, same order.
 * @returns Distance in bits, 0 (same hash) to 256 (complement).
 * @throws {PdqError} `hash_malformed` if either is not exactly 32 bytes.
 */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  assertHash(a)
  assertHash(b)
  let bits = 0
  for (let i = 0; i < HASH_BYTES; i++) {
    // Both indices are in range: the lengths were checked above.
    bits += BIT_COUNT[a[i]! ^ b[i]!]!
  }
  return bits
}

function assertHash(hash: Uint8Array): void {
  if (!(hash instanceof Uint8Array) || hash.length !== HASH_BYTES) {
    const got = hash instanceof Uint8Array ? `${hash.length} bytes` : typeof hash
    throw new PdqError("hash_malformed", `expected a hash of ${HASH_BYTES} bytes, got ${got}`)
  }
}
