import type { GrantProof, Standing } from "@nightlight/contract/custodian"
import type { ColumnType, JSONColumnType } from "kysely"
import type { StandingState } from "./types.ts"

/** Filing by policy. */
export interface AutomaticTables {
  readonly standings: {
    readonly standing_id: string
    readonly document: JSONColumnType<Standing>
    /** JSON text on the way in. */
    readonly proofs: ColumnType<readonly GrantProof[], string, string>
    readonly state: StandingState
    readonly made_by: string
    readonly made_at: Date
    readonly ended_at: Date | null
    readonly mac: string
  }
  readonly automatic_cases: {
    readonly case_id: string
    readonly standing_id: string
    readonly outcome: "filed" | "left"
    readonly code: string
    readonly at: Date
  }
  /** Keyed digests alone. */
  readonly entry_items: {
    readonly entry_key: string
    readonly item_key: string
    /** Which list the entry is of; unknown of what was counted before that was kept. */
    readonly list: string | null
  }
}
