/**
 * The vocabulary of a policy's conditions: the variables, their fields, and the values that fields can have.
 *
 * Names are those of core's `Signals` and `Match`, so that a finding's JSON and a policy use the same words.
 * @module
 */
import { Environment } from "@marcbachmann/cel-js"
import {
  type Background,
  type Crop,
  type HashType,
  type InconclusiveCause,
  type Match,
  type MediaKind,
  ORIENTATIONS,
  type Score,
  type Signals,
  type Trust,
} from "@nightlight/core"
import { byStrength } from "../match/order.ts"

/**
 * Largest number of matches, weak matches and scores that conditions see, strongest first; it bounds the cost of a
 * decision.
 */
export const MAX_SIGNALS = 200

/** A match as conditions see it. A digest match reads as an unchanged file: quality 100, upright, uncropped. */
export class MatchView {
  readonly list: string
  readonly trust: string
  readonly category: string
  readonly snapshot: bigint
  readonly hashType: string
  readonly declared: boolean
  readonly distanceBits: bigint
  readonly radiusBits: bigint
  readonly quality: bigint
  readonly orientation: string
  readonly crop: string
  readonly background: string
  readonly frame: bigint

  constructor(match: Match) {
    this.list = match.list
    this.trust = match.trust
    this.category = match.category
    this.snapshot = BigInt(match.snapshot)
    this.hashType = match.hashType
    this.declared = match.declared ?? false
    this.distanceBits = BigInt(match.distanceBits)
    this.radiusBits = BigInt(match.radiusBits)
    this.quality = BigInt(match.quality ?? 100)
    this.orientation = match.transformation?.orientation ?? "upright"
    this.crop = match.transformation?.crop ?? "none"
    this.background = match.transformation?.background ?? "dropped"
    this.frame = BigInt(match.transformation?.frame ?? 0)
  }
}

/** A classifier's score as conditions see it. */
export class ScoreView {
  readonly classifier: string
  readonly label: string
  readonly score: number

  constructor(score: Score) {
    this.classifier = score.classifier
    this.label = score.label
    this.score = score.score
  }
}

/** The variables of one item. */
export interface SignalsView {
  readonly [name: string]: unknown
  readonly matches: readonly MatchView[]
  readonly weakMatches: readonly MatchView[]
  readonly scores: readonly ScoreView[]
  /** The cause, or an empty string. */
  readonly inconclusive: string
  readonly mediaType: string
  readonly kind: string
  readonly screened: boolean
}

/** Turns signals into the variables of conditions. */
export function toView(signals: Signals): SignalsView {
  return {
    matches: strongest(signals.matches),
    weakMatches: strongest(signals.weakMatches),
    scores: signals.scores.slice(0, MAX_SIGNALS).map((score) => new ScoreView(score)),
    inconclusive: signals.inconclusive ?? "",
    mediaType: signals.mediaType,
    kind: signals.kind,
    screened: signals.screened,
  }
}

function strongest(matches: readonly Match[]): readonly MatchView[] {
  const seen = matches.length <= MAX_SIGNALS ? matches : matches.toSorted(byStrength).slice(0, MAX_SIGNALS)
  return seen.map((match) => new MatchView(match))
}

/** The names of the variables that are lists. */
export const LIST_VARIABLES: readonly string[] = ["matches", "weakMatches", "scores"]

/** The names of the other variables. */
export const PLAIN_VARIABLES: readonly string[] = ["inconclusive", "mediaType", "kind", "screened"]

/** Makes the environment in which conditions are parsed and type-checked. */
export function createEnvironment(): Environment {
  return new Environment({
    limits: { maxAstNodes: 300, maxDepth: 40, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 2 },
  })
    .registerType("Match", {
      ctor: MatchView,
      fields: {
        list: "string",
        trust: "string",
        category: "string",
        snapshot: "int",
        hashType: "string",
        declared: "bool",
        distanceBits: "int",
        radiusBits: "int",
        quality: "int",
        orientation: "string",
        crop: "string",
        background: "string",
        frame: "int",
      },
    })
    .registerType("Score", {
      ctor: ScoreView,
      fields: { classifier: "string", label: "string", score: "double" },
    })
    .registerVariable("matches", "list<Match>")
    .registerVariable("weakMatches", "list<Match>")
    .registerVariable("scores", "list<Score>")
    .registerVariable("inconclusive", "string")
    .registerVariable("mediaType", "string")
    .registerVariable("kind", "string")
    .registerVariable("screened", "bool")
}

// Records, not arrays, so that the compiler reports a word of core that is missing here.
const TRUST: Readonly<Record<Trust, true>> = { trusted: true, unverified: true, test: true }
const HASH_TYPES: Readonly<Record<HashType, true>> = {
  md5: true,
  sha1: true,
  sha256: true,
  pdq: true,
  url: true,
}
const CROPS: Readonly<Record<Crop, true>> = { none: true, letterbox: true }
const BACKGROUNDS: Readonly<Record<Background, true>> = { dropped: true, white: true, black: true, grey: true }
const KINDS: Readonly<Record<MediaKind, true>> = {
  picture: true,
  text: true,
  array: true,
  archive: true,
  opaque: true,
  unknown: true,
}
const CAUSES: Readonly<Record<InconclusiveCause, true>> = {
  media_unsupported: true,
  media_unknown: true,
  picture_undecodable: true,
  picture_damaged: true,
  pixel_limit: true,
  byte_limit: true,
  frame_limit: true,
  time_limit: true,
  memory_limit: true,
  decoder_died: true,
  polyglot: true,
  source_unreadable: true,
  archive_encrypted: true,
  archive_limit: true,
  archive_malformed: true,
  name_unsafe: true,
  fingerprint_failed: true,
  lists_failed: true,
  classifier_failed: true,
  classifier_timed_out: true,
  policy_failed: true,
  source_changed: true,
}

/** Every cause that makes an item inconclusive. */
export const INCONCLUSIVE_CAUSES = Object.keys(CAUSES) as readonly InconclusiveCause[]

/** Every media kind. */
export const MEDIA_KINDS = Object.keys(KINDS) as readonly MediaKind[]

/**
 * The values that a variable or field can have, where they are few: a condition with a misspelt value would silently
 * never be met.
 */
export const VALUES_BY_VARIABLE: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["trust", Object.keys(TRUST)],
  ["hashType", Object.keys(HASH_TYPES)],
  ["orientation", ORIENTATIONS],
  ["crop", Object.keys(CROPS)],
  ["background", Object.keys(BACKGROUNDS)],
  ["kind", MEDIA_KINDS],
  ["inconclusive", ["", ...INCONCLUSIVE_CAUSES]],
])
