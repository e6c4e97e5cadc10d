/** Keys of the context compartment. */
export interface ContextKeyTables {
  readonly case_keys: {
    readonly case_id: string
    /** The case's key under the installation's; `null` once destroyed. */
    readonly wrapped: Buffer | null
    readonly destroyed_at: Date | null
  }
}
