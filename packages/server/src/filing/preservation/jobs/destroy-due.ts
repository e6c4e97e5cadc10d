/**
 * Destroys what reviews cleared, and finishes destructions that people ordered.
 * @module
 */
import { z } from "zod"
import { transact } from "../../../platform/events/transact.ts"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { ClockGuard } from "../clock-guard.ts"
import { type DestroyDeps, destroyOrdered, orderDestruction } from "../destroy.ts"
import * as store from "../store.ts"
import type { Preservation } from "../types.ts"

const BATCH = 200
const ACTOR = "system-destruction"

/** Makes the job. While the clock is not trusted, nothing new is ordered; earlier orders are finished. */
export function destroyDueJob(
  deps: DestroyDeps & {
    readonly guard: ClockGuard
    /**
     * After a restore the database lacks the holds placed after the backup: nothing is destroyed until it is
     * reconciled.
     */
    readonly isRestoring?: () => Promise<boolean>
  },
): JobDefinition<Record<string, never>> {
  return {
    name: "destroy-due",
    payload: z.strictObject({}),
    tries: 3,
    retryDelaySeconds: 60,
    expireSeconds: 3000,
    schedule: "17 * * * *",
    run: async (_payload, signal) => {
      if ((await deps.isRestoring?.()) === true) return
      const mayEnd = await deps.guard.mayEnd()
      const due = await store.dueToDestroy(deps.db, deps.clock.now(), BATCH)
      const cleared = due.filter(({ state }) => state === "clearing")
      if (mayEnd) {
        for (const items of byCase(cleared)) {
          await transact(deps, ACTOR, (tx) => orderDestruction(deps, tx, items, { basis: "cleared", people: [] }))
        }
      }
      const ordered = mayEnd ? due : due.filter(({ state }) => state === "destroying")
      await destroyOrdered(deps, ordered, signal)
    },
  }
}

function byCase(items: readonly Preservation[]): readonly (readonly Preservation[])[] {
  return [...Map.groupBy(items, ({ caseId }) => caseId).values()]
}
