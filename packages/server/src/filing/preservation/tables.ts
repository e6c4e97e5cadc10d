import type { DestructionBasis, HoldReason, PreservationState } from "./types.ts"

/** Preservation, holds and destruction. */
export interface PreservationTables {
  readonly preservations: {
    readonly evidence_id: string
    readonly case_id: string
    readonly state: PreservationState
    readonly locked_until: Date | null
    readonly report_id: string | null
    readonly destroy_after: Date | null
    readonly destroy_by: Date | null
    readonly certificate_id: string | null
    readonly destroyed_at: Date | null
    readonly changed_at: Date
    readonly mac: string
  }
  readonly holds: {
    readonly hold_id: string
    readonly case_id: string
    readonly reason: HoldReason
    readonly reference: Buffer
    readonly request_id: string | null
    readonly placed_by: string
    readonly placed_at: Date
    readonly until: Date | null
    readonly lifted_by: string | null
    readonly lifted_at: Date | null
    readonly mac: string
  }
  readonly destruction_certificates: {
    readonly certificate_id: string
    readonly case_id: string
    readonly basis: DestructionBasis
    readonly act_id: string | null
    readonly document: string
    readonly issued_at: Date
    /** JSON of what the custodian is asked. */
    readonly order_json: unknown
  }
  readonly destruction_receipts: {
    readonly certificate_id: string
    /** JSON. */
    readonly document: unknown
    readonly received_at: Date
  }
  readonly clock_watch: {
    readonly name: string
    readonly seen_at: Date
    readonly suspended_at: Date | null
  }
}
