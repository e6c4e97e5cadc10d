/** Answers that a repeated call gets again, for a day. */
export interface ScreenTables {
  readonly screen_answers: {
    readonly key_id: string
    /** Keyed digest of the caller's `Idempotency-Key`. */
    readonly repeat_key: string
    /** Keyed digest of what was asked. */
    readonly request_digest: string
    readonly decision: string
    readonly answered_at: Date
  }
}
