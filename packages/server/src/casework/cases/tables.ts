import type { ColumnType } from "kysely"
import type { Basis, CaseKind, CaseState, KnownMatch, Outcome, Stage, Strength, StrengthCounts } from "./types.ts"

/** Tables of cases. */
export interface CaseTables {
  /** Lists that each case rests on, with its place in the queue. Triggers write it (migration 0027). */
  readonly case_lists: {
    readonly list: string
    readonly case_id: string
    readonly kind: CaseKind
    readonly state: CaseState
    readonly band: number
    readonly sort_at: Date
    readonly decided_at: Date | null
  }
  /** A projection: the fold of each case's events. */
  readonly cases: {
    readonly case_id: string
    readonly kind: CaseKind
    readonly source: string
    readonly group_key: string
    readonly state: CaseState
    readonly version: number
    readonly opened_at: Date
    readonly strength: Strength
    readonly finds: number
    /** JSON text on the way in. */
    readonly strengths: ColumnType<StrengthCounts, string, string>
    readonly locations: number
    readonly known_finds: number
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
  readonly finds: {
    readonly find_id: string
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
    /** JSON text on the way in. */
    readonly matches: ColumnType<readonly KnownMatch[], string, string>
    readonly evidence_id: string | null
    readonly ciphertext_sha256: string | null
    readonly content: "verified" | "absent" | null
    readonly content_bytes: string | null
    readonly known_case: string | null
    readonly locations: number
    readonly attached_at: Date
  }
  readonly find_locations: {
    readonly source: string
    readonly finding_id: string
    readonly find_id: string
    readonly case_id: string
    /** Order among the find's places, from 0. */
    readonly position: number
    readonly scan: string | null
    readonly found_at: Date
    readonly attached_at: Date
    /** The context compartment, under the case's key, purpose `find-context`. */
    readonly sealed: Buffer
  }
  readonly find_evidence: {
    readonly case_id: string
    readonly evidence_id: string
    readonly find_id: string
  }
}
