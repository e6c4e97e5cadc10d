/**
 * How the commitments stand, counted from the log alone.
 * @module
 */
import type { CommitmentList } from "@nightlight/contract/server"
import { type Clock, COMMITMENTS, type Commitment } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"
import { createEvidenceFold } from "./evidence.ts"
import { standingOf } from "./standing.ts"
import type { Commitments } from "./types.ts"

/** What {@link createCommitments} takes. */
export interface CommitmentsDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  /** The registry unless given. */
  readonly registry?: readonly Commitment[]
}

/** How old an answer may be. */
export const STANDING_MS = 30_000

/** Makes the service. Everybody who asks while it counts waits for the same count. */
export function createCommitments({ db, clock, registry = COMMITMENTS }: CommitmentsDeps): Commitments {
  const fold = createEvidenceFold(registry.flatMap(({ controls }) => controls))
  let counted: { readonly atMs: number; readonly list: Promise<CommitmentList> } | undefined

  async function count(): Promise<CommitmentList> {
    await fold.follow(db)
    const now = clock.now()
    const commitments = registry.map((each) => standingOf(each, (control) => fold.proofOf(control, now), now))
    const counts = { fresh: 0, stale: 0, gap: 0 }
    for (const { state } of commitments) counts[state]++
    return { at: now.toISOString(), counts, commitments }
  }

  return {
    standing: () => {
      const nowMs = clock.now().getTime()
      if (counted === undefined || Math.abs(nowMs - counted.atMs) >= STANDING_MS) {
        // One after the other: an event that two folds follow at once would count twice.
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
