/**
 * The ports of screening: the index over all lists, and the classifiers.
 * @module
 */
import type { Fingerprint, HashType, Score, Trust } from "@nightlight/core"

/** A list in an index. */
export interface ListInfo {
  readonly name: string
  readonly trust: Trust
  /** PDQ distance within which an entry matches, bits. */
  readonly radiusBits: number
  /** Version of the snapshot, from 1. */
  readonly snapshot: number
  /** ISO 8601 date that the source states for the list, if any. */
  readonly asOf?: string
  readonly terms?: string
  /** Entries by hash type. */
  readonly counts: Readonly<Record<HashType, number>>
}

/** Whether a list has hashes of content: addresses alone say nothing about what an item shows. */
export function hasContentHashes({ counts }: Pick<ListInfo, "counts">): boolean {
  return counts.md5 + counts.sha1 + counts.sha256 + counts.pdq > 0
}

/** A hit on an entry. */
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

/** A PDQ hit, with the position of the matching hash. */
export interface PdqHit extends EntryHit {
  /** Position in the batch, from 0. */
  readonly query: number
}

/** Digests to look up, lower-case hexadecimal; an absent one is not looked up. */
export interface DigestQuery {
  readonly md5?: string
  readonly sha1?: string
  readonly sha256?: string
  /** `addressHash` of a key of an address (`urlLookupKeys`). */
  readonly url?: string
}

/** One index over all lists of a workspace, loaded once per process. Exact: it finds what brute force finds. */
export interface ListIndex {
  /** Version of the index, from 1, rising with every change of any list. */
  readonly version: number
  readonly lists: readonly ListInfo[]
  /** Every entry with one of these digests, in the order of lists and entries; does not stop at the first. */
  matchDigests(digests: DigestQuery): readonly EntryHit[]
  /**
   * Sorted first 64 bits of all digests of a type, in one or several tables, as words of 32 bits; undefined where they
   * are not known.
   */
  digestPrefixes?(
    type: "md5" | "sha1" | "sha256" | "url",
  ): readonly { readonly upper: Uint32Array; readonly lower: Uint32Array }[] | undefined
  /**
   * Every PDQ entry within its list's radius of one of the hashes.
   *
   * @param hashes - n times 32 bytes, bit 255 first. Not modified.
   */
  matchPdq(hashes: Uint8Array): readonly PdqHit[]
  /** The hash of a hit's entry, lower-case hexadecimal: for people who may see it, never for a log. */
  entryHash(hit: EntryHit): string
}

/** A detector that receives an item when no list matched it. */
export interface Classifier {
  readonly name: string
  /**
   * Scores one item.
   *
   * @param bytes - the whole item. Must be neither kept nor modified.
   * @throws anything: the item becomes `inconclusive`.
   */
  classify(bytes: Uint8Array, fingerprint: Fingerprint, signal: AbortSignal): Promise<readonly Score[]>
}

/** A false positive that a person confirmed: one entry, one item. It never suppresses a SHA-1 or SHA-256 match. */
export interface FalsePositive {
  readonly list: string
  /** The entry's own hash, lower-case hexadecimal, because an ordinal changes with the next snapshot. */
  readonly entryHash: string
  /** Lower-case hexadecimal SHA-256 of the item. */
  readonly sha256: string
}
