/** Acts that take two people. */
export interface ActTables {
  readonly acts: {
    readonly id: string
    readonly kind: string
    readonly subject: string
    /** JSON. */
    readonly payload: unknown
    readonly state: string
    readonly asked_by: string
    readonly asked_at: Date
    readonly expires_at: Date
    readonly decided_by: string | null
    readonly decided_at: Date | null
    readonly decline_reason: string | null
    readonly mac: string
  }
}
