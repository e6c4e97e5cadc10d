/**
 * Table of digests: for each of md5, sha1, sha256 and url the first 8 bytes of every digest in ascending order, each with a
 * reference to its entry, after a directory by the first 16 bits. Where a prefix is found, the whole digest is looked
 * up in the record file.
 *
 * File, all u32 LE: `NLDG`, format 2, four counts; then for each type the directory (65,537 starts), the prefixes'
 * upper halves, their lower halves, the references. A reference counts the entries of its type through all lists, in
 * the order of the lists.
 * @module
 */
import { IntegrityError } from "@nightlight/core"

/** Types found by digest, in the order of the file. */
export const DIGEST_TYPES = ["md5", "sha1", "sha256", "url"] as const

/** One of {@link DIGEST_TYPES}. */
export type DigestType = (typeof DIGEST_TYPES)[number]

const MAGIC = 0x47444c4e
const FORMAT = 2
const HEADER_WORDS = 6
const DIRECTORY_WORDS = 65_537

/** One type's part of the table, columns of equal length. */
export interface DigestColumns {
  readonly directory: Uint32Array
  readonly upper: Uint32Array
  readonly lower: Uint32Array
  readonly references: Uint32Array
}

/** Size of a table for these numbers of digests, in 32-bit words. */
export function tableWords(counts: readonly number[]): number {
  return HEADER_WORDS + counts.reduce((words, count) => words + DIRECTORY_WORDS + 3 * count, 0)
}

/** Starts a table in memory: header written, columns zero. */
export function createTable(counts: readonly number[]): Uint32Array {
  const words = new Uint32Array(tableWords(counts))
  words.set([MAGIC, FORMAT, ...counts])
  return words
}

/** The columns of a type, sharing the table's memory. */
export function columnsOf(words: Uint32Array, type: DigestType): DigestColumns {
  const counts = words.subarray(2, HEADER_WORDS)
  const position = DIGEST_TYPES.indexOf(type)
  let offset = HEADER_WORDS
  for (let before = 0; before < position; before++) offset += DIRECTORY_WORDS + 3 * (counts[before] ?? 0)
  const count = counts[position] ?? 0
  const column = (index: number) =>
    words.subarray(offset + DIRECTORY_WORDS + index * count, offset + DIRECTORY_WORDS + (index + 1) * count)
  return {
    directory: words.subarray(offset, offset + DIRECTORY_WORDS),
    upper: column(0),
    lower: column(1),
    references: column(2),
  }
}

/** Fills a directory from its sorted prefixes. */
export function fillDirectory({ directory, upper }: DigestColumns): void {
  let offset = 0
  for (let bucket = 0; bucket < DIRECTORY_WORDS; bucket++) {
    while (offset < upper.length && (upper[offset] ?? 0) >>> 16 < bucket) offset++
    directory[bucket] = offset
  }
}

/**
 * Asserts that no look-up in a table can run out of its bounds.
 *
 * @param counts - number of digests of each type in the lists.
 * @throws {IntegrityError} `index_untrusted`.
 */
export function checkTable(words: Uint32Array, counts: readonly number[]): void {
  const sound =
    words.length === tableWords(counts) &&
    words[0] === MAGIC &&
    words[1] === FORMAT &&
    counts.every((count, index) => words[index + 2] === count) &&
    DIGEST_TYPES.every((type) => isSound(columnsOf(words, type)))
  if (!sound) throw new IntegrityError("index_untrusted", "the index's table of digests is damaged")
}

function isSound({ directory, upper, references }: DigestColumns): boolean {
  let previous = 0
  for (const start of directory) {
    if (start < previous || start > upper.length) return false
    previous = start
  }
  return directory[0] === 0 && previous === upper.length && references.every((reference) => reference < upper.length)
}

/** Range of rows with a digest's prefix: start, and end (excluded). */
export function findPrefix(columns: DigestColumns, digest: Buffer): readonly [number, number] {
  const upper = digest.readUInt32BE(0)
  const lower = digest.readUInt32BE(4)
  let low = columns.directory[upper >>> 16] ?? 0
  const end = columns.directory[(upper >>> 16) + 1] ?? 0
  for (let high = end; low < high; ) {
    const middle = (low + high) >>> 1
    if (isBelow(columns, middle, upper, lower)) low = middle + 1
    else high = middle
  }
  let after = low
  while (after < end && columns.upper[after] === upper && columns.lower[after] === lower) after++
  return [low, after]
}

function isBelow(columns: DigestColumns, row: number, upper: number, lower: number): boolean {
  const rowUpper = columns.upper[row] ?? 0
  return rowUpper === upper ? (columns.lower[row] ?? 0) < lower : rowUpper < upper
}
