/**
 * What screening is given from outside: the index over all lists, and classifiers.
 * @module
 */
import type { Fingerprint, HashType, Score, Trust } from "@nightlight/core"

/** A list as the index knows it. */
export interface ListInfo {
  readonly name: string
  readonly trust: Trust
  /** PDQ distance within which an entry matches, bits. */
  readonly radiusBits: number
  /** Version of the snapshot, from 1. */
  readonly snapshot: number
  /** ISO 8601 date the source gives for the list's state; absent where it gives none. */
  readonly asOf?: string
  readonly terms?: string
  /** Entries by hash type. */
  readonly counts: Readonly<Record<HashType, number>>
}

/** An entry that was hit. */
export interface EntryHit {
  readonly list: ListInfo
  /** Ordinal of the entry in its snapshot, from 0. */
  readonly entry: number
  readonly entryId?: string
  readonly category: string
  readonly hashType: HashType
  /** Bits; 0 for a digest. */
  readonly distanceBits: number
}

/** A PDQ hit, with the position of the hash that made it. */
export interface PdqHit extends EntryHit {
  /** Position in the batch that was asked, from 0. */
  readonly query: number
}

/** Digests to look up; an absent one is not looked up. Lower-case hexadecimal. */
export interface DigestQuery {
  readonly md5?: string
  readonly sha1?: string
  readonly sha256?: string
}

/** One index over all lists of a workspace, loaded once a process. Exact: what brute force finds, it finds. */
export interface ListIndex {
  /** Version of the index, from 1, rising with every change of any list. */
  readonly version: number
  readonly lists: readonly ListInfo[]
  /** Every entry whose digest equals one asked for, in the order of lists and entries; never stops at the first. */
  matchDigests(digests: DigestQuery): readonly EntryHit[]
  /**
   * Every PDQ entry within its list's radius of one of the hashes.
   *
   * @param hashes - n times 32 bytes, bit 255 first. Not modified.
   */
  matchPdq(hashes: Uint8Array): readonly PdqHit[]
  /** The hash of an entry that was hit, lower-case hexadecimal: for those who may know, never for a log. */
  entryHash(hit: EntryHit): string
}

/** A detector that looks at an item when no list matched it. */
export interface Classifier {
  readonly name: string
  /**
   * Scores one item.
   *
   * @param bytes - the item, whole. Not kept, not modified.
   * @throws anything: the item becomes `inconclusive`.
   */
  classify(bytes: Uint8Array, fingerprint: Fingerprint, signal: AbortSignal): Promise<readonly Score[]>
}

/** A pair that a person found to be a false positive: one entry, one item. Never suppresses an exact hit. */
export interface FalsePositive {
  readonly list: string
  /** The entry's own hash, lower-case hexadecimal: an ordinal would change with the next snapshot. */
  readonly entryHash: string
  /** Lower-case hexadecimal SHA-256 of the item. */
  readonly sha256: string
}
