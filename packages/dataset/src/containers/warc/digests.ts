/**
 * Digests that a WARC record states.
 *
 * Source: WARC 1.1, sections 5.8 and 5.9: `algorithm:value`, where crawlers write SHA-1 in base32 (RFC 4648) and the
 * others in hexadecimal or base32.
 * @module
 */
import { readDigest } from "../../readers/digest-text.ts"

const DIGEST_BYTES = new Map([
  ["md5", 16],
  ["sha1", 20],
  ["sha256", 32],
])

/** Reads a stated digest: its algorithm and lower-case hexadecimal value; `undefined` for others. */
export function parseDigest(text: string): readonly [algorithm: string, hex: string] | undefined {
  const colon = text.indexOf(":")
  const algorithm = text.slice(0, colon).toLowerCase().replace("-", "")
  const bytes = DIGEST_BYTES.get(algorithm)
  const hex = bytes === undefined ? undefined : readDigest(text.slice(colon + 1), bytes)
  return hex === undefined ? undefined : [algorithm, hex]
}
