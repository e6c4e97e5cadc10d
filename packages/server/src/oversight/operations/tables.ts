/** What people must see to, and the installation's switches. */
export interface OperationTables {
  readonly tasks: {
    /** `task-<uuid>`. */
    readonly id: string
    /** `job-failed`. */
    readonly kind: string
    readonly subject: string
    readonly code: string
    /** Ids alone. */
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
