/** Tables about restores, besides the log. */
export interface RestoreTables {
  /** One row. */
  readonly sent_notices: {
    readonly one: boolean
    /** Number of the last event that the custodian was told of or that needed no notice. */
    readonly seq: string
    /** Hash of the last event that it was told of. */
    readonly hash: string | null
  }
}

/** Tasks for people, and the installation's switches. */
export interface OperationTables {
  readonly tasks: {
    /** `task-<uuid>`. */
    readonly id: string
    /** `job-failed`. */
    readonly kind: string
    readonly subject: string
    readonly code: string
    /** Only ids. */
    readonly payload: unknown
    readonly opened_at: Date
    readonly closed_at: Date | null
    readonly closed_by: string | null
    readonly outcome: string | null
  }
  readonly operations: {
    /** `filing-paused`. */
    readonly name: string
    readonly since: Date
    readonly by: string
  }
}
