/**
 * Digests as texts.
 * @module
 */

const PREFIX = /^(?:md5|sha-?1|sha-?256)[:=-]/i
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
/** The longest of these texts. */
const MAX_CHARS = 128

/**
 * Reads a digest: hexadecimal digits in any case, base64 in either alphabet, or base32 as crawlers write it (RFC 4648);
 * with the algorithm before it (`sha256:`), quotes and white space around it, or without.
 *
 * @param bytes - Length of the digest.
 * @returns lower-case hexadecimal digits; undefined for another text.
 */
export function readDigest(text: string, bytes: number): string | undefined {
  if (text.length > MAX_CHARS) return undefined
  const value = text.replace(/^[\s"']+|[\s"']+$/g, "").replace(PREFIX, "")
  if (value.length === 2 * bytes && /^[0-9a-f]+$/i.test(value)) return value.toLowerCase()
  const letters = value.replace(/=+$/, "")
  if (letters.length === Math.ceil((bytes * 4) / 3) && /^[\w+/-]+$/.test(letters)) {
    return Buffer.from(letters, "base64").toString("hex")
  }
  if (letters.length !== Math.ceil((bytes * 8) / 5)) return undefined
  return fromBase32(letters.toUpperCase())?.toString("hex")
}

function fromBase32(text: string): Buffer | undefined {
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of text) {
    const digit = BASE32.indexOf(letter)
    if (digit === -1) return undefined
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}
