/**
 * Signals, decisions and verdicts.
 * @module
 */
import type { Background, Crop, InconclusiveCause, Orientation } from "./fingerprint.ts"

/** A policy's decision on an item. Order of severity: see {@link DECISIONS}. */
export type Decision = "clear" | "unscreened" | "inconclusive" | "review" | "block" | "quarantine"

/** Every decision, mildest first. Only `clear` enters a clean copy or passes a guard. */
export const DECISIONS: readonly Decision[] = ["clear", "unscreened", "inconclusive", "review", "block", "quarantine"]

/** The graver of two decisions by the order of {@link DECISIONS}. */
export function graver(a: Decision, b: Decision): Decision {
  return DECISIONS.indexOf(a) >= DECISIONS.indexOf(b) ? a : b
}

/**
 * Types of entries in a list. An entry of type `url` is `addressHash` of an address's normalised form (`urlEntryKey`): a
 * list's own text is not kept.
 */
export type HashType = "md5" | "sha1" | "sha256" | "pdq" | "url"

/**
 * Trust in a list: `trusted` quarantines on a SHA match, `unverified` only leads to review, `test` contains test cards.
 */
export type Trust = "trusted" | "unverified" | "test"

/** How the matching view of the item differs from the listed picture. Absent for a digest match. */
export interface Transformation {
  readonly orientation: Orientation
  readonly crop: Crop
  readonly background: Background
  readonly frame: number
}

/** A signal from a hash list. It names the list's entry: only for people who may see it. */
export interface Match {
  readonly list: string
  readonly trust: Trust
  /** Ordinal of the entry in its snapshot, from 0. */
  readonly entry: number
  /** The source's own id of the entry, where the list has one. */
  readonly entryId?: string
  readonly category: string
  /** Version of the list's snapshot, from 1. */
  readonly snapshot: number
  readonly hashType: HashType
  /** Bits, 0 for a digest. */
  readonly distanceBits: number
  /** The list's effective radius, bits; 0 for a digest. */
  readonly radiusBits: number
  /** PDQ quality of the item's view, 0 to 100; absent for a digest. */
  readonly quality?: number
  readonly transformation?: Transformation
  /** True where the sample's own metadata states the digest or address; false where it was computed from the bytes. */
  readonly declared?: boolean
}

/** One classifier's result for an item. */
export interface Score {
  readonly classifier: string
  readonly label: string
  /** 0 to 1. */
  readonly score: number
}

/** The input of a policy's decision. */
export interface Signals {
  /** Matches that count: digests, and PDQ within the list's radius at quality 50 or more. */
  readonly matches: readonly Match[]
  /** PDQ hits within the radius, but below quality 50: recorded, without effect. */
  readonly weakMatches: readonly Match[]
  readonly scores: readonly Score[]
  readonly inconclusive?: InconclusiveCause
  readonly mediaType: string
  readonly kind: string
  /** Whether at least one real list or a classifier was available. */
  readonly screened: boolean
}

/** A decision with the rule that made it. */
export interface Verdict {
  readonly decision: Decision
  /** Name of the policy rule that decided; `default` when none did. */
  readonly rule: string
  /** Lower-case hexadecimal SHA-256 of the policy in force. */
  readonly policyDigest: string
}
