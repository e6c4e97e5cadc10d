/**
 * Signals that were stored only in part, as conditions see them.
 * @module
 */

import type { InconclusiveCause, Match, Score } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { MatchView, ScoreView, SIGNALS_SEEN, type SignalsView } from "./vocabulary.ts"

/** Known facts about a match. A missing member is unknown, unless a digest's match never has it. */
export type KnownMatch = Partial<Match>

/** Known facts about an item's signals. A missing member is unknown: neither empty nor false. */
export interface KnownSignals {
  /** Strongest first. */
  readonly matches?: readonly KnownMatch[]
  readonly weakMatches?: readonly KnownMatch[]
  readonly scores?: readonly Score[]
  /** The cause; `none` where nothing is known to have failed. */
  readonly inconclusive?: InconclusiveCause | "none"
  readonly mediaType?: string
  readonly kind?: string
  readonly screened?: boolean
}

/**
 * Turns known facts into variables of conditions. Unknown facts are missing: a condition that depends on one throws,
 * and a condition that is decided without it does not.
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

/**
 * A digest's match implies that the file matched unchanged; a look-alike's match implies nothing beyond what is stated.
 */
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
  // The library recognises a match by its class, and cannot read a field that is undefined.
  return Object.assign(Object.create(MatchView.prototype) as MatchView, seen)
}

function toInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}
