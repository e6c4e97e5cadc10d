/**
 * Numbers of digits of hexadecimal digests in use: MD5, SHA-1, TMK, SHA-224, SHA-256 and PDQ, SHA-384, SHA-512,
 * PhotoDNA.
 */
const HEX_DIGITS: ReadonlySet<number> = new Set([32, 40, 48, 56, 64, 96, 128, 288])
const HEX = /^[0-9a-f]+$/i
/** 16, 20, 32 and 64 bytes in base64, and 20 in base32. */
const ENCODED = /^(?:[a-z0-9+/_-]{22}(?:==)?|[a-z0-9+/_-]{27}=|[a-z0-9+/_-]{43}=|[a-z0-9+/_-]{86}==|[A-Z2-7]{32})$/i
/** Under a name that mentions hashes, any long run without spaces counts. */
const RUN = /^(?!(?:19|20)\d\d-?\d\d-?\d\d)[a-z0-9+/_:=]{14,}$/i

/** Limits on the depth and number of values searched in one field. */
const DEPTH = 4
const VALUES = 64

/**
 * Whether a value looks like a hash, or contains one.
 *
 * @param isNamed - whether its name mentions hashes: the test is then less strict.
 */
export function holdsHash(value: unknown, isNamed: boolean): boolean {
  let left = VALUES
  const search = (inner: unknown, depth: number): boolean => {
    if (left-- <= 0) return false
    if (typeof inner === "string") return looksLikeHash(inner, isNamed)
    if (typeof inner !== "object" || inner === null || depth === 0) return false
    return Object.values(inner).some((one) => search(one, depth - 1))
  }
  return search(value, DEPTH)
}

function looksLikeHash(text: string, isNamed: boolean): boolean {
  if (text.length > 512) return false
  const plain = text.trim().replace(/^(?:md5|sha-?\d+|pdq)[:=]/i, "")
  if (HEX.test(plain) && HEX_DIGITS.has(plain.length)) return true
  if (isNamed) return RUN.test(plain) && /\d/.test(plain)
  return plain !== text.trim() || (ENCODED.test(plain) && /\d/.test(plain) && /[a-z]/i.test(plain))
}
