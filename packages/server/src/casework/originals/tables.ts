import type { OriginalGrant } from "@nightlight/contract/custodian"
import type { ColumnType } from "kysely"
import type { OriginalState } from "./types.ts"

/** Tables of requests for originals. */
export interface OriginalTables {
  readonly original_requests: {
    readonly id: string
    readonly case_id: string
    readonly find_id: string
    readonly state: OriginalState
    readonly asked_by: string
    readonly asked_at: Date
    readonly expires_at: Date
    readonly grant_id: string
    /** JSON text on the way in. */
    readonly grant_json: ColumnType<OriginalGrant, string, string>
    readonly first_signature: string
    readonly second_signature: string | null
    readonly decided_by: string | null
    readonly decided_at: Date | null
    readonly mac: string
  }
}
