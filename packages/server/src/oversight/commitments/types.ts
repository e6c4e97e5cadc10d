import type { CommitmentList } from "@nightlight/contract/server"

/** Evidence of a control in the log. */
export interface Proof {
  /** Type of the newest event. */
  readonly kind: string
  /** When it was appended. */
  readonly at: Date
  /** Events that prove the control, within 365 days up to now, by whole days in UTC. */
  readonly countLastYear: number
}

/** Compares the commitments with the log and with present conditions. */
export interface Commitments {
  /** Status of each; counted at most 30 seconds ago. */
  statuses(): Promise<CommitmentList>
}
