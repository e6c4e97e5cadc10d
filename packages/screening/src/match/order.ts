/**
 * The order of an item's matches, independent of the order of the index.
 * @module
 */
import type { HashType, Match, Trust } from "@nightlight/core"

const HASH_RANK: Readonly<Record<HashType, number>> = { sha256: 0, sha1: 1, md5: 2, pdq: 3, url: 4 }
const TRUST_RANK: Readonly<Record<Trust, number>> = { trusted: 0, unverified: 1, test: 2 }

/**
 * Compares two matches: stronger hash type first, then computed before declared, more trusted list, smaller distance;
 * then list, entry.
 */
export function byStrength(a: Match, b: Match): number {
  return (
    HASH_RANK[a.hashType] - HASH_RANK[b.hashType] ||
    Number(a.declared ?? false) - Number(b.declared ?? false) ||
    TRUST_RANK[a.trust] - TRUST_RANK[b.trust] ||
    a.distanceBits - b.distanceBits ||
    (a.list < b.list ? -1 : a.list > b.list ? 1 : a.entry - b.entry)
  )
}

/**
 * Whether every match is of a test list: such an item is a test card, never a finding, and causes no report or strike.
 */
export function areTestCardsOnly(matches: readonly Match[]): boolean {
  return matches.length > 0 && matches.every((match) => match.trust === "test")
}
