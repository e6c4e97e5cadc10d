/**
 * A snapshot's record file: records of 40 bytes, ascending by type and hash, then by category.
 *
 * | byte | holds |
 * |---|---|
 * | 0 | type: position in {@link HASH_TYPES} |
 * | 1 | PDQ quality from the source, 255 for none |
 * | 2 | category, u16 LE: position in the snapshot's sorted categories |
 * | 4 | place of the id in the id file, u32 LE, 0 for none |
 * | 8 | hash, 32 bytes, shorter ones padded with zeros |
 * @module
 */
import type { HashType } from "@nightlight/core"

/** Size of a record. */
export const RECORD_BYTES = 40
/** Where a record's hash begins. */
export const HASH_AT = 8
/** First bytes of an id file, so that no id has place 0: each id is a u16 LE length and that many bytes of UTF-8. */
export const ID_FILE_MAGIC = "NLIDS001"
/** Longest id kept, bytes of UTF-8. */
export const ID_LIMIT_BYTES = 1_024
/** Quality of a record that has none. */
export const NO_QUALITY = 255

/** The types in the order of the record file. */
export const HASH_TYPES = ["md5", "sha1", "sha256", "pdq", "url"] as const satisfies readonly HashType[]

/** Bytes of a hash, by type. */
export const HASH_BYTES: Readonly<Record<HashType, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  pdq: 32,
  url: 32,
}

/** Number of entries by type. */
export type Counts = Readonly<Record<HashType, number>>

/** Entries of every type together. */
export function totalOf(counts: Counts): number {
  return HASH_TYPES.reduce((total, type) => total + counts[type], 0)
}

/** Adds counts up, type by type. */
export function sumOf(each: readonly Counts[]): Counts {
  const add = (type: HashType) => each.reduce((sum, counts) => sum + counts[type], 0)
  return { md5: add("md5"), sha1: add("sha1"), sha256: add("sha256"), pdq: add("pdq"), url: add("url") }
}

/** Ordinal of the first entry of a type. */
export function firstOf(counts: Counts, type: HashType): number {
  return HASH_TYPES.slice(0, HASH_TYPES.indexOf(type)).reduce((first, before) => first + counts[before], 0)
}

/** Compares type and hash of the records at two places; negative, zero, positive. */
export function compareRecords(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  const types = byte(a, atA) - byte(b, atB)
  if (types !== 0) return types
  for (let i = HASH_AT; i < RECORD_BYTES; i++) {
    const difference = byte(a, atA + i) - byte(b, atB + i)
    if (difference !== 0) return difference
  }
  return 0
}

/** The hash of the record at a place, lower-case hexadecimal. */
export function hexHash(bytes: Uint8Array, offset: number, type: HashType): string {
  const start = bytes.byteOffset + offset + HASH_AT
  return Buffer.from(bytes.buffer, start, HASH_BYTES[type]).toString("hex")
}

/** The type of the record at a place; `undefined` where the byte names none. */
export function typeAt(bytes: Uint8Array, offset: number): HashType | undefined {
  return HASH_TYPES[byte(bytes, offset)]
}

function byte(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0
}
