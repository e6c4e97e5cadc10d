import { z } from "zod"
import { transact } from "../../../platform/events/transact.ts"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { CasesDeps } from "../ports.ts"
import { compareCaseCounts, mergeCaseCounts, repairCaseCounts } from "../queue/kept-counts.ts"

const Payload = z.strictObject({})

/** Adds up the changes of counts that triggers wrote since the last minute. */
export function mergeCounts(deps: Pick<CasesDeps, "db">): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: "merge-case-counts",
    payload: Payload,
    tries: 1,
    retryDelaySeconds: 1,
    expireSeconds: 60,
    schedule: "* * * * *",
    run: async () => void (await mergeCaseCounts(deps.db)),
  }
}

/** Counts cases and items from scratch, once a night; raises an alarm where a kept count differs, and repairs it. */
export function checkCounts(deps: Pick<CasesDeps, "db" | "clock" | "alarms">): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: "check-case-counts",
    payload: Payload,
    tries: 3,
    retryDelaySeconds: 60,
    expireSeconds: 900,
    schedule: "17 3 * * *",
    run: async () => {
      if ((await compareCaseCounts(deps.db)).length === 0) return
      await transact(deps, "system-counts", async (tx) => {
        const found = await repairCaseCounts(tx.trx)
        if (found.length === 0) return
        const data = {
          differences: found.length,
          cases: found.reduce((sum, { missing }) => sum + Math.abs(missing), 0),
        }
        await deps.alarms.raise(tx, { code: "case-counts-differ", subject: "case-counts", data })
      })
    },
  }
}
