import { z } from "zod"
import { transact } from "../../../platform/events/transact.ts"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { CasesDeps } from "../ports.ts"
import { readDueHeads } from "../queue/queue-store.ts"
import { ALARM_PERCENTS, alarmDue, REPORT_TARGET_MS } from "../state/knowledge.ts"
import { isClockRunning } from "../state/priority.ts"
import { applyEvents, lockHead } from "../store.ts"

const Payload = z.strictObject({})

const PAGE = 200

/** Raises an alarm once at each share of the time to a case's deadline. */
export function watchDeadlines(
  deps: Pick<CasesDeps, "db" | "clock" | "alarms">,
): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: "watch-deadlines",
    payload: Payload,
    tries: 3,
    retryDelaySeconds: 30,
    expireSeconds: 300,
    schedule: "*/5 * * * *",
    run: async (_payload, signal) => {
      const left = REPORT_TARGET_MS * (1 - ALARM_PERCENTS[0] / 100)
      const before = new Date(deps.clock.now().getTime() + left)
      const failures: unknown[] = []
      let after: string | undefined
      do {
        const heads = await readDueHeads(deps.db, { before, after, limit: PAGE })
        // A case that fails does not stop the others.
        for (const { caseId } of heads) await watch(deps, caseId).catch((error: unknown) => failures.push(error))
        after = heads.length < PAGE ? undefined : heads.at(-1)?.caseId
      } while (after !== undefined && !signal.aborted)
      if (failures.length > 0) throw failures[0]
    },
  }
}

async function watch(deps: Pick<CasesDeps, "db" | "clock" | "alarms">, caseId: string): Promise<void> {
  await transact(deps, "system-deadlines", async (tx) => {
    const head = await lockHead(tx.trx, caseId)
    const percent = isClockRunning(head) ? alarmDue(head, deps.clock.now()) : undefined
    if (percent === undefined) return
    await applyEvents(tx, caseId, head, [{ type: "case.deadline-neared", data: { percent } }])
    await deps.alarms.raise(tx, { code: "case-deadline", subject: caseId, data: { percent } })
  })
}
