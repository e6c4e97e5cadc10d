/**
 * Status of the commitments, from the log and from present conditions.
 * @module
 */
import type { CommitmentList, CommitmentState } from "@nightlight/contract/server"
import { type Clock, COMMITMENTS, type Commitment, type CommitmentId } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type Conditions, readConditions } from "./conditions.ts"
import { createEvidenceProjection } from "./evidence.ts"
import { statusOf } from "./status.ts"
import type { Commitments } from "./types.ts"

/** Dependencies of {@link createCommitments}. */
export interface CommitmentsDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  /** Conditions that must hold now. */
  readonly conditions: Conditions
  /** Commitments that do not apply to the operator, by id, each with the reason. */
  readonly notApplicable?: Readonly<Partial<Record<CommitmentId, string>>>
  /** The built-in registry by default. */
  readonly registry?: readonly Commitment[]
}

/** Maximum age of an answer. */
export const STATUS_MS = 30_000

/** Makes the service. Calls that arrive while it counts share one count. */
export function createCommitments(deps: CommitmentsDeps): Commitments {
  const { db, clock, conditions, notApplicable = {}, registry = COMMITMENTS } = deps
  const projection = createEvidenceProjection(registry.flatMap(({ controls }) => controls))
  let counted: { readonly atMs: number; readonly list: Promise<CommitmentList> } | undefined

  async function count(): Promise<CommitmentList> {
    const [conditionStates] = await Promise.all([readConditions(conditions), projection.follow(db)])
    const now = clock.now()
    const commitments = registry.map((commitment) =>
      statusOf(commitment, {
        now,
        proofOf: (control) => projection.proofOf(control, now),
        conditionOf: (condition) => conditionStates.get(condition),
        notApplicable: notApplicable[commitment.id],
      }),
    )
    const countOf = (state: CommitmentState) => commitments.filter((each) => each.state === state).length
    const counts = {
      met: countOf("met"),
      partly: countOf("partly"),
      notMet: countOf("not-met"),
      notApplicable: countOf("not-applicable"),
    }
    return { at: now.toISOString(), counts, commitments }
  }

  return {
    statuses: () => {
      const nowMs = clock.now().getTime()
      if (counted === undefined || Math.abs(nowMs - counted.atMs) >= STATUS_MS) {
        // One after the other: an event that two projections follow at once would count twice.
        const before = counted?.list.catch(() => undefined)
        const asked = { atMs: nowMs, list: (before ?? Promise.resolve()).then(count) }
        counted = asked
        asked.list.catch(() => {
          if (counted === asked) counted = undefined
        })
      }
      return counted.list
    },
  }
}
