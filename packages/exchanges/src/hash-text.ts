import { hash } from "node:crypto"
import { addressHash, type HashType, urlEntryKey } from "@nightlight/core"

/** Hexadecimal digits of a hash, by type; addresses have none. */
export const HASH_DIGITS: Readonly<Record<Exclude<HashType, "url">, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  pdq: 64,
}

/**
 * Parses the text of an entry of a type: of an address, the hash is `addressHash` of its normalised form; `undefined` if
 * the text is no such entry.
 */
export function parseEntry(text: string, type: HashType): string | undefined {
  if (type !== "url") return parseHash(text, HASH_DIGITS[type])
  const key = urlEntryKey(text)
  return key === undefined ? undefined : addressHash(key, hash("sha256", key))
}

const LOWER_HEX = /^[0-9a-f]+$/
const ANY_HEX = /^[0-9a-fA-F]+$/

/**
 * Parses a hash with this many hexadecimal digits, in either case, with optional white space around it; `undefined` if
 * it is not one.
 */
export function parseHash(text: string, digits: number): string | undefined {
  if (text.length === digits && LOWER_HEX.test(text)) return text
  // Do not copy a hostile cell: trimming cannot make a much longer text a hash.
  if (text.length < digits || text.length > digits + 64) return undefined
  const trimmed = text.trim()
  return trimmed.length === digits && ANY_HEX.test(trimmed) ? trimmed.toLowerCase() : undefined
}

/** The only type whose hashes have this many digits; `undefined` where no type or two types do (64: sha256 and pdq). */
export function typeOfLength(digits: number): HashType | undefined {
  return digits === 32 ? "md5" : digits === 40 ? "sha1" : undefined
}

const TYPES: ReadonlyMap<string, HashType> = new Map([
  ["md5", "md5"],
  ["sha1", "sha1"],
  ["sha256", "sha256"],
  ["pdq", "pdq"],
  ["url", "url"],
  ["uri", "url"],
  ["domain", "url"],
  ["host", "url"],
])

/** Hash types in exchanges that Nightlight does not match (NCMEC's and pytx's type tokens, and other common ones). */
const FOREIGN_TYPES: ReadonlySet<string> = new Set([
  "pdna",
  "photodna",
  "netclean",
  "videntifier",
  "tmk",
  "tmkpdqf",
  "vpdq",
  "ssvhpdna",
  "ssvhsaferhash",
  "tmksaferhash",
  "phash",
  "dhash",
  "ahash",
  "whash",
  "ssdeep",
  "tlsh",
  "sha512",
])

/** Whether a name is a hash type in exchanges that Nightlight does not match. */
export function isForeignType(name: string): boolean {
  return FOREIGN_TYPES.has(name)
}

/**
 * Parses a type's name in any case, with or without dashes. `unsupported`: a known type that is not matched;
 * `undefined`: an unknown type.
 */
export function parseHashType(text: string): HashType | "unsupported" | undefined {
  if (text.length > 32) return undefined
  const name = text.toLowerCase().replace(/[-_\s]/g, "")
  return TYPES.get(name) ?? (FOREIGN_TYPES.has(name) ? "unsupported" : undefined)
}
