/**
 * Digests that a WARC record states.
 *
 * Source: WARC 1.1, sections 5.8 and 5.9: `algorithm:value`, where crawlers write SHA-1 in base32 (RFC 4648) and the
 * others in hexadecimal or base32.
 * @module
 */

const DIGEST_BYTES = new Map([
  ["md5", 16],
  ["sha1", 20],
  ["sha256", 32],
])
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/** Reads a stated digest: its algorithm and lower-case hexadecimal value; `undefined` for others. */
export function parseDigest(text: string): readonly [algorithm: string, hex: string] | undefined {
  const colon = text.indexOf(":")
  const algorithm = text.slice(0, colon).toLowerCase().replace("-", "")
  const value = text.slice(colon + 1).trim()
  const bytes = DIGEST_BYTES.get(algorithm)
  if (bytes === undefined || value.length > 2 * bytes) return undefined
  if (/^[0-9a-f]+$/i.test(value) && value.length === 2 * bytes) return [algorithm, value.toLowerCase()]
  const decoded = fromBase32(value.toUpperCase().replace(/=+$/, ""))
  return decoded?.length === bytes ? [algorithm, decoded.toString("hex")] : undefined
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
