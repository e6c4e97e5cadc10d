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
    /** JSON of the grant that it gives to the custodian. */
    readonly grant_json: unknown
    /** JSON of a signature with its time and key. */
    readonly ask_proof: unknown
    readonly second_proof: unknown
    readonly mac: string
  }
  readonly approval_keys: {
    readonly person_id: string
    readonly key_id: string
    readonly public_key: string
    readonly pinned_at: Date
  }
}
