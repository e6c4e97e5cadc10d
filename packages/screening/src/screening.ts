/**
 * What goes into a screening and what comes out of it.
 * @module
 */
import type { Fingerprint, InconclusiveCause, Match, Score, Verdict } from "@nightlight/core"
import type { FalsePositiveLookup } from "./match/false-positives.ts"
import type { Classifier, DigestQuery, ListIndex } from "./ports.ts"

/** How long a fingerprint may take by default; the decoder's own limits are tighter. */
export const FINGERPRINT_TIMEOUT_MS = 120_000

/** An item to screen. */
export interface ScreeningItem<Source> {
  /** What the `fingerprint` port reads. */
  readonly source: Source
  /** Digests that the item's metadata states; malformed ones are passed over. */
  readonly declaredDigests?: readonly DigestQuery[]
  /** Reads the item whole, for classifiers; without it an item that no list matched is inconclusive where there are any. */
  readonly readBytes?: (signal: AbortSignal) => Promise<Uint8Array>
}

/** Lists and false positives that a fingerprint is matched against. */
export interface MatchingPorts {
  readonly index: ListIndex
  readonly falsePositives?: FalsePositiveLookup
  /** Lets test lists count as something to check with: for `nightlight demo` alone. */
  readonly demo?: boolean
}

/** Everything outside that a screening uses. None of them is trusted to answer, to answer in time, or in shape. */
export interface ScreeningPorts<Source> extends MatchingPorts {
  readonly fingerprint: (source: Source, signal: AbortSignal) => Promise<Fingerprint>
  readonly classifiers: readonly Classifier[]
  readonly fingerprintTimeoutMs?: number
  /** For each classifier, and for reading the item's bytes. */
  readonly classifierTimeoutMs?: number
}

/** All that was found out about an item, and what follows. For those who may know: it names entries. */
export interface Screening {
  /** Absent where the decoder gave none. */
  readonly fingerprint?: Fingerprint
  /** Strongest first. */
  readonly matches: readonly Match[]
  readonly weakMatches: readonly Match[]
  readonly scores: readonly Score[]
  /** Why the item could not be looked into wholly: a port that failed, or the fingerprint's own cause. */
  readonly inconclusive?: InconclusiveCause
  readonly verdict: Verdict
  /** Entries that would have matched, had they not been false positives. */
  readonly suppressed: number
  /** Matches beyond those kept. */
  readonly omitted: number
}
