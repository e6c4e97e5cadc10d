/**
 * False positives: a reviewer found that an item that a list matched is harmless. Two people can make it a known false
 * positive.
 * @module
 */

import type { FalsePositiveReason, FalsePositiveState, NotSuppressible } from "../../platform/db/tables/intake.ts"

/**
 * A reported false positive. `bar`: why it can never be suppressed; `entries`: number of the list's entries that
 * matched.
 */
export interface FalsePositive {
  readonly falsePositiveId: string
  readonly list: string
  readonly caseId: string
  readonly itemId: string
  readonly reason: FalsePositiveReason
  readonly state: FalsePositiveState
  readonly bar: NotSuppressible | undefined
  readonly entries: number
  readonly openedBy: string
  readonly openedAt: Date
  readonly changedBy: string | undefined
  readonly changedAt: Date | undefined
}

/**
 * The entries behind a list's match of an item, as keyed digests; and the reason why it cannot be suppressed, if any.
 */
export interface FalsePositiveEntries {
  readonly itemKey: string
  readonly entryKeys: readonly string[]
  readonly bar: NotSuppressible | undefined
}

/** Kind of the approval; its subject is the false positive. */
export const FALSE_POSITIVE_APPROVAL = "list.false-positive"
