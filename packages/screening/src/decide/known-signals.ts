/**
 * Partly stored signals, as conditions see them.
 * @module
 */

import type { InconclusiveCause, Match, Score } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { MAX_SIGNALS, MatchView, ScoreView, type SignalsView } from "./vocabulary.ts"

/** Known facts about a match. A missing member is unknown, unless a digest match never has it. */
export type KnownMatch = Partial<Match>

/** Known facts about an item's signals. A missing member is unknown: neither empty nor false. */
export interface KnownSignals {
  /** Strongest first. */
  readonly matches?: readonly KnownMatch[]
  readonly weakMatches?: readonly KnownMatch[]
  readonly scores?: readonly Score[]
  /** The cause, or `none` where nothing failed. */
  readonly inconclusive?: InconclusiveCause | "none"
  readonly mediaType?: string
  readonly kind?: string
  readonly screened?: boolean
}

/**
 * Turns known facts into variables of conditions. Unknown facts are missing: a condition that depends on one throws,
 * and any other condition does not.
 */
export function toKnownView({ matches, weakMatches, scores, ...plain }: KnownSignals): Partial<SignalsView> {
  const { inconclusive, mediaType, kind, screened } = plain
  return compact({
    matches: matches?.slice(0, MAX_SIGNALS).map(toKnownMatchView),
    weakMatches: weakMatches?.slice(0, MAX_SIGNALS).map(toKnownMatchView),
    scores: scores?.slice(0, MAX_SIGNALS).map((score) => new ScoreView(score)),
    inconclusive: inconclusive === undefined ? undefined : inconclusive === "none" ? "" : inconclusive,
    mediaType,
    kind,
    screened,
  })
}

/** A digest match implies that the file matched unchanged; a look-alike match implies only what is stored. */
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
  // The CEL library recognises a match by its class, and cannot read an undefined field.
  return Object.assign(Object.create(MatchView.prototype) as MatchView, seen)
}

function toInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}
