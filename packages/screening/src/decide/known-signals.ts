/**
 * Signals of which only a part was kept, as conditions see them.
 * @module
 */

import type { InconclusiveCause, Match, Score } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { MatchView, ScoreView, SIGNALS_SEEN, type SignalsView } from "./vocabulary.ts"

/** What is known of a match. A member that is left out is unknown, unless a digest's match never has it. */
export type KnownMatch = Partial<Match>

/** What is known of an item's signals. A member that is left out is unknown: neither empty nor false. */
export interface KnownSignals {
  /** Strongest first. */
  readonly matches?: readonly KnownMatch[]
  readonly weakMatches?: readonly KnownMatch[]
  readonly scores?: readonly Score[]
  /** The cause; `none` where it is known that nothing failed. */
  readonly inconclusive?: InconclusiveCause | "none"
  readonly mediaType?: string
  readonly kind?: string
  readonly screened?: boolean
}

/**
 * Turns them into what conditions see. What is unknown is missing: a condition that comes down to it throws, and one that
 * holds or fails whatever it is does not.
 */
export function toKnownView({ matches, weakMatches, scores, ...plain }: KnownSignals): Partial<SignalsView> {
  const { inconclusive, mediaType, kind, screened } = plain
  return compact({
    matches: matches?.slice(0, SIGNALS_SEEN).map(toKnownMatchView),
    weakMatches: weakMatches?.slice(0, SIGNALS_SEEN).map(toKnownMatchView),
    scores: scores?.slice(0, SIGNALS_SEEN).map((score) => new ScoreView(score)),
    inconclusive: inconclusive === undefined ? undefined : inconclusive === "none" ? "" : inconclusive,
    mediaType,
    kind,
    screened,
  })
}

/** Of a digest's match it is known that the file matched as it is; of a look-alike's nothing that is not said. */
function toKnownMatchView(match: KnownMatch): MatchView {
  const isDigest = match.hashType !== undefined && match.hashType !== "pdq"
  const { quality = isDigest ? 100 : undefined, transformation, declared } = match
  const seen: { readonly [Field in keyof MatchView]: MatchView[Field] | undefined } = {
    list: match.list,
    trust: match.trust,
    category: match.category,
    snapshot: toInt(match.snapshot),
    hashType: match.hashType,
    declared,
    distanceBits: toInt(match.distanceBits),
    radiusBits: toInt(match.radiusBits),
    quality: toInt(quality),
    orientation: transformation?.orientation ?? (isDigest ? "upright" : undefined),
    crop: transformation?.crop ?? (isDigest ? "none" : undefined),
    background: transformation?.background ?? (isDigest ? "dropped" : undefined),
    frame: toInt(transformation?.frame ?? (isDigest ? 0 : undefined)),
  }
  // The library tells a match by its class; a field that is undefined cannot be read.
  return Object.assign(Object.create(MatchView.prototype) as MatchView, seen)
}

function toInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}
