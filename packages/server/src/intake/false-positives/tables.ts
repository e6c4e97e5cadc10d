import type { DisputeReason, DisputeState, NotSuppressible } from "./types.ts"

/** Disputed matches of lists, and false positives. */
export interface DisputeTables {
  readonly disputes: {
    /** `dispute-<uuid>`. */
    readonly dispute_id: string
    readonly list: string
    readonly case_id: string
    readonly find_id: string
    readonly reason: DisputeReason
    readonly state: DisputeState
    /** Why it can never become a false positive. */
    readonly bar: NotSuppressible | null
    /** How many entries of the list the item matched. */
    readonly entries: number
    readonly opened_by: string
    readonly opened_at: Date
    readonly changed_by: string | null
    readonly changed_at: Date | null
    readonly mac: string
  }
  /** Keyed digests alone. */
  readonly disputed_entries: {
    readonly dispute_id: string
    readonly entry_key: string
    readonly item_key: string
    readonly mac: string
  }
}
