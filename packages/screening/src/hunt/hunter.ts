/**
 * Searches columns of stored hashes for new entries of lists.
 *
 * A hunt has few new entries and very many stored hashes, so it puts the new entries into tables and looks each stored
 * hash up. Exact: it finds what brute force finds within a list's radius.
 * @module
 */
import type { HashType } from "@nightlight/core"
import { HASH_BYTES, HuntIndex } from "@nightlight/pdq"
import { DigestSet } from "./digest-set.ts"

/** An entry that did not exist when the stored fingerprints were screened. */
export interface NewEntry {
  readonly list: string
  /** Ordinal in its snapshot, from 0. */
  readonly entry: number
  readonly hashType: HashType
  /** Bytes of the type's length. */
  readonly hash: Uint8Array
  /** The list's PDQ radius, bits. */
  readonly radiusBits: number
}

/** A stored hash that a new entry matches. */
export interface HuntHit {
  /** Row of the column, from 0. */
  readonly row: number
  readonly entry: NewEntry
  /** 0 for a digest. */
  readonly distanceBits: number
}

/** Types of digests that are stored; addresses are not. */
export type StoredDigest = Exclude<HashType, "pdq" | "url">

/** A prepared set of new entries; may be used any number of times. */
export interface Hunter {
  /** Whether there is a new entry of a type; if not, the column need not be read. */
  has(hashType: HashType): boolean
  /**
   * Matches a column of PDQ hashes, row by row, each at its list's radius.
   *
   * @param column - m times 32 bytes. Not modified.
   */
  huntPdq(column: Uint8Array): readonly HuntHit[]
  /** Matches a column of digests. @param column - m times the type's bytes. Not modified. */
  huntDigests(hashType: StoredDigest, column: Uint8Array): readonly HuntHit[]
}

/** Prepares new entries for a hunt. */
export function createHunter(entries: readonly NewEntry[]): Hunter {
  const byRadius = [...Map.groupBy(ofType(entries, "pdq"), (entry) => entry.radiusBits)].map(([radiusBits, group]) => ({
    group,
    index: HuntIndex.build(joined(group, HASH_BYTES), { radiusBits }),
  }))
  const digestSets = new Map(
    (["md5", "sha1", "sha256"] as const).map((hashType) => {
      const group = ofType(entries, hashType)
      return [hashType, { group, set: new DigestSet(joined(group, DIGEST_BYTES[hashType]), DIGEST_BYTES[hashType]) }]
    }),
  )
  return {
    has: (hashType) => entries.some((entry) => entry.hashType === hashType),
    huntPdq: (column) =>
      byRadius.flatMap(({ group, index }) => {
        const { length, storedRows, newIds, distancesBits } = index.scan(column)
        const hits: HuntHit[] = []
        for (let i = 0; i < length; i++) {
          const entry = group[newIds[i] ?? 0]
          if (entry !== undefined) hits.push({ row: storedRows[i] ?? 0, entry, distanceBits: distancesBits[i] ?? 0 })
        }
        return hits
      }),
    huntDigests: (hashType, column) => {
      const hits: HuntHit[] = []
      const known = digestSets.get(hashType)
      known?.set.lookUp(column, (row, position) => {
        const entry = known.group[position]
        if (entry !== undefined) hits.push({ row, entry, distanceBits: 0 })
      })
      return hits
    },
  }
}

const DIGEST_BYTES = { md5: 16, sha1: 20, sha256: 32 } as const

function ofType(entries: readonly NewEntry[], hashType: HashType): readonly NewEntry[] {
  return entries.filter((entry) => entry.hashType === hashType)
}

function joined(entries: readonly NewEntry[], width: number): Uint8Array {
  const bytes = new Uint8Array(entries.length * width)
  for (const [position, { hash }] of entries.entries()) bytes.set(hash, position * width)
  return bytes
}
