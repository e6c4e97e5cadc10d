/**
 * How the commitments stand.
 * @module
 */
import type { CommitmentList } from "@nightlight/contract/server"

/** What proves a control, as the log holds it. */
export interface Proof {
  /** Type of the newest event. */
  readonly kind: string
  /** When it was appended. */
  readonly at: Date
  /** Events that prove the control, within 365 days up to now, by whole days in UTC. */
  readonly countLastYear: number
}

/** The commitments. */
export interface Commitments {
  /** How each stands; counted at most 30 seconds ago. */
  statuses(): Promise<CommitmentList>
}
