/** What is known of restores besides the log. */
export interface RestoreTables {
  /** One row. */
  readonly notices_told: {
    readonly one: boolean
    /** Of the last event that the custodian was told of or that needed no telling. */
    readonly seq: string
    /** Of the last event that it was told of. */
    readonly hash: string | null
  }
}
