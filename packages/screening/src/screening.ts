/**
 * Input and output of a screening.
 * @module
 */
import type { Fingerprint, InconclusiveCause, Match, Score, Verdict } from "@nightlight/core"
import type { FalsePositiveLookup } from "./match/false-positives.ts"
import type { Classifier, DigestQuery, ListIndex } from "./ports.ts"

/** Default time limit of a fingerprint; the decoder's own limits are tighter. */
export const FINGERPRINT_TIMEOUT_MS = 120_000

/** An item to screen. */
export interface ScreeningItem<Source> {
  /** The input of the `fingerprint` port. */
  readonly source: Source
  /** Digests that the item's metadata states; malformed ones are ignored. */
  readonly declaredDigests?: readonly DigestQuery[]
  /** Addresses that the item's metadata states as its origin; what is not an address of the web is ignored. */
  readonly urls?: readonly string[]
  /** Of its file or shard below its dataset's root, for exceptions of the policy that name paths. */
  readonly path?: string
  /** Reads the whole item for classifiers; without it, an unmatched item is inconclusive if there are classifiers. */
  readonly readBytes?: (signal: AbortSignal) => Promise<Uint8Array>
}

/** Lists and false positives that a fingerprint is matched against. */
export interface MatchingPorts {
  readonly index: ListIndex
  readonly falsePositives?: FalsePositiveLookup
  /** Lets test lists count as real; only for `nightlight demo`. */
  readonly demo?: boolean
}

/** All ports of a screening. None is trusted to answer at all, in time or in the right shape. */
export interface ScreeningPorts<Source> extends MatchingPorts {
  readonly fingerprint: (source: Source, signal: AbortSignal) => Promise<Fingerprint>
  readonly classifiers: readonly Classifier[]
  readonly fingerprintTimeoutMs?: number
  /** Time limit of each classifier, and of reading the item's bytes. */
  readonly classifierTimeoutMs?: number
}

/** All results for an item, and the verdict. It names entries: only for people who may see them. */
export interface Screening {
  /** Absent where the decoder returned none. */
  readonly fingerprint?: Fingerprint
  /** Strongest first. */
  readonly matches: readonly Match[]
  readonly weakMatches: readonly Match[]
  readonly scores: readonly Score[]
  /** Why the item could not be screened completely: a port that failed, or the fingerprint's own cause. */
  readonly inconclusive?: InconclusiveCause
  readonly verdict: Verdict
  /** Entries that did not count because they are known false positives. */
  readonly suppressed: number
  /** Number of matches that were not kept. */
  readonly omitted: number
}
