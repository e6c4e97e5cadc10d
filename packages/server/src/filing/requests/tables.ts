import type { DisclosureKind, RequestKind } from "./types.ts"

/** The desk for law enforcement. */
export interface RequestTables {
  readonly le_requests: {
    readonly request_id: string
    readonly kind: RequestKind
    readonly state: "open" | "closed"
    readonly sealed: Buffer
    readonly received_at: Date
    readonly due_at: Date | null
    readonly opened_by: string
    readonly opened_at: Date
    readonly closed_by: string | null
    readonly closed_at: Date | null
    readonly mac: string
  }
  readonly le_request_cases: {
    readonly request_id: string
    readonly case_id: string
    readonly linked_by: string
    readonly linked_at: Date
    readonly mac: string
  }
  readonly disclosures: {
    readonly disclosure_id: string
    readonly request_id: string
    readonly case_id: string
    readonly kind: DisclosureKind
    readonly act_id: string
    readonly asked_by: string
    readonly seconded_by: string
    readonly document_sha256: string | null
    readonly disclosed_at: Date
    /** JSON of the custodian's receipt. */
    readonly receipt_json: unknown
  }
}
