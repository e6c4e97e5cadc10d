import type { OriginalGrant } from "@nightlight/contract/custodian"
import type { ExposureLimits, ORIGINAL_STATES, RationaleTemplateId } from "@nightlight/contract/server"
import type { Match } from "@nightlight/core"
import type { ColumnType } from "kysely"

/** Tables of viewings. */
export interface ViewingTables {
  readonly viewings: {
    readonly viewing_id: string
    readonly person_id: string
    readonly case_id: string
    readonly item_id: string
    readonly evidence_id: string
    readonly grant_id: string
    readonly purpose: "derivative" | "original"
    readonly reason: string
    readonly requested_at: Date
    readonly shown_at: Date | null
    readonly ended_at: Date | null
    readonly failed: boolean
    readonly attested_at: Date | null
    readonly exif_viewed: boolean | null
  }
}

/** Tables of exposure. */
export interface ExposureTables {
  readonly exposure_people: {
    readonly person_id: string
    readonly stretch_started_at: Date | null
    readonly last_viewing_at: Date | null
    readonly break_until: Date | null
  }
  readonly exposure_days: {
    readonly person_id: string
    readonly day: string
    readonly viewings: number
    readonly originals: number
    readonly seconds: number
  }
  readonly exposure_limits: {
    /** There is one row. */
    readonly id: 1
    /** Written as JSON text. */
    readonly limits: ColumnType<ExposureLimits, string, string>
    readonly set_by: string
    readonly set_at: Date
  }
}

/** Tables of decisions. */
export interface ReviewTables {
  readonly decisions: {
    readonly decision_id: string
    readonly case_id: string
    readonly stage: Stage
    readonly person_id: string
    readonly basis: Basis
    readonly category: string | null
    readonly danger: boolean
    readonly requests_second_review: boolean
    readonly annotations: string[]
    readonly given_at: Date
    readonly undone_at: Date | null
    readonly template: RationaleTemplateId | null
    readonly template_locale: string | null
    /** The person's own words, under the case's key, purpose `rationale`. */
    readonly sealed: Buffer | null
  }
  readonly judgements: {
    readonly decision_id: string
    readonly item_id: string
    readonly included: boolean
    readonly classification: string | null
    readonly category: string | null
    readonly annotations: string[]
  }
}

/** State of a request. */
export type OriginalState = (typeof ORIGINAL_STATES)[number]

/** Tables of cases. */
export interface CaseTables {
  /** Lists that each case has matches of, with its position in the queue. Triggers write it. */
  readonly case_lists: {
    readonly list: string
    readonly case_id: string
    readonly kind: CaseKind
    readonly state: CaseState
    readonly band: number
    readonly sort_at: Date
    readonly decided_at: Date | null
  }
  /** The projection of each case's events. */
  readonly cases: {
    readonly case_id: string
    readonly kind: CaseKind
    readonly source: string
    readonly group_key: string
    readonly state: CaseState
    readonly version: number
    readonly opened_at: Date
    readonly strength: Strength
    readonly items: number
    /** Written as JSON text. */
    readonly strengths: ColumnType<StrengthCounts, string, string>
    readonly locations: number
    readonly known_items: number
    readonly lists: string[]
    readonly categories: string[]
    readonly danger: boolean
    readonly matched_at: Date | null
    readonly knowledge_at: Date | null
    readonly knowledge_by: "trusted-match" | "person" | null
    readonly due_at: Date | null
    readonly clock_running: boolean
    readonly alarmed: number
    readonly claimed_by: string | null
    readonly claimed_until: Date | null
    readonly first_decision: string | null
    readonly first_decider: string | null
    readonly second_decision: string | null
    readonly second_decider: string | null
    readonly resolution_decision: string | null
    readonly resolution_decider: string | null
    readonly pending_stage: Stage | null
    readonly undo_until: Date | null
    readonly decided_decision: string | null
    readonly basis: Basis | null
    readonly outcome: Outcome | null
    readonly decided_at: Date | null
    readonly second_review: "none" | "agreed" | "resolved" | "waived" | null
    readonly filed_at: Date | null
    /** Position in `BANDS`. */
    readonly band: number
    readonly sort_at: Date
  }
  readonly case_items: {
    readonly item_id: string
    readonly case_id: string
    /** Order of attachment, from 0. */
    readonly position: number
    readonly item_key: string
    readonly strength: Strength
    readonly media_type: string
    readonly size_bytes: string
    readonly digests: "verified" | "claimed"
    readonly verdict: string
    readonly rule: string
    /** Written as JSON text. */
    readonly matches: ColumnType<readonly KnownMatch[], string, string>
    readonly evidence_id: string | null
    readonly ciphertext_sha256: string | null
    readonly content: "verified" | "absent" | null
    readonly content_bytes: string | null
    readonly known_case: string | null
    readonly locations: number
    readonly attached_at: Date
  }
  readonly item_locations: {
    readonly source: string
    readonly finding_id: string
    readonly item_id: string
    readonly case_id: string
    /** Order among the item's places, from 0. */
    readonly position: number
    readonly scan: string | null
    readonly found_at: Date
    readonly attached_at: Date
    /** The context compartment, under the case's key, purpose `item-context`. */
    readonly sealed: Buffer
  }
  readonly item_evidence: {
    readonly case_id: string
    readonly evidence_id: string
    readonly item_id: string
  }
}

/** Tables of requests for originals. */
export interface OriginalTables {
  readonly original_requests: {
    readonly id: string
    readonly case_id: string
    readonly item_id: string
    readonly state: OriginalState
    readonly requested_by: string
    readonly requested_at: Date
    readonly expires_at: Date
    readonly grant_id: string
    /** Written as JSON text. */
    readonly grant_json: ColumnType<OriginalGrant, string, string>
    readonly first_signature: string
    readonly approval_signature: string | null
    readonly decided_by: string | null
    readonly decided_at: Date | null
    readonly mac: string
  }
}

/** Kinds of cases: the origin of their items, or test cards. A test case is never reported. */
export const CASE_KINDS = ["dataset", "account", "direct", "test"] as const

/** One of {@link CASE_KINDS}. */
export type CaseKind = (typeof CASE_KINDS)[number]

/**
 * State of a case. `settling`: a decision was made, can still be undone and has no effect yet. `resolution`: two
 * reviewers disagree, and a senior reviewer must resolve it.
 */
export const CASE_STATES = ["open", "settling", "second-review", "resolution", "decided"] as const

/** One of {@link CASE_STATES}. */
export type CaseState = (typeof CASE_STATES)[number]

/** Strength of an item's best signal, strongest first. `exact`: SHA-1 or SHA-256 of its bytes on a trusted list. */
export const STRENGTHS = ["exact", "near", "unverified", "other", "test"] as const

/** One of {@link STRENGTHS}. */
export type Strength = (typeof STRENGTHS)[number]

/** Number of a case's items of each strength. */
export type StrengthCounts = Readonly<Record<Strength, number>>

/** Legal bases of a report, which a decision names. */
export const LEGAL_BASES = [
  "18-usc-2252a",
  "18-usc-2251",
  "18-usc-1591",
  "18-usc-2422b",
  "18-usc-1466a-voluntary",
] as const

/** One of {@link LEGAL_BASES}. */
export type LegalBasis = (typeof LEGAL_BASES)[number]

/** Bases of a decision: a legal basis, or the reason why there is none. */
export type Basis = LegalBasis | "policy-violation" | "not-violation"

/** Consequence of a basis. */
export type Outcome = "reportable" | "policy-violation" | "not-violation"

/** Which of at most three decisions of a case. */
export type Stage = "first" | "second" | "resolution"

/** The parts of a match that may be stored outside the sealed context: codes and counts, never the list's entry. */
export type KnownMatch = Pick<
  Match,
  "list" | "trust" | "category" | "snapshot" | "hashType" | "distanceBits" | "radiusBits" | "quality" | "declared"
>
