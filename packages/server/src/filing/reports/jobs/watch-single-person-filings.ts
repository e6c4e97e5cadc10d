/**
 * A report that one person filed alone must be reviewed by another within a day: an alarm stays open until it was.
 * @module
 */
import { HOUR_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../../platform/events/transact.ts"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { Alarms } from "../../../staff/alarms/service.ts"

/** Hours within which a single-person filing must be reviewed. */
export const SINGLE_PERSON_REVIEW_HOURS = 24
/** Hours after which the first alarm is raised. */
const FIRST_ALARM_HOURS = 18

/** The job that raises an alarm about single-person filings without a review. Runs every 15 minutes. */
export function watchSinglePersonFilings(
  deps: TransactDeps & { readonly alarms: Pick<Alarms, "raise"> },
): JobDefinition<Record<string, never>> {
  return {
    name: "watch-single-person-filings",
    payload: z.strictObject({}),
    tries: 3,
    retryDelaySeconds: 60,
    expireSeconds: 300,
    schedule: "*/15 * * * *",
    run: async () => {
      const now = deps.clock.now()
      for (const { id, filedAt } of await unreviewed(deps.db, new Date(now.getTime() - FIRST_ALARM_HOURS * HOUR_MS))) {
        const late = now.getTime() - filedAt.getTime() >= SINGLE_PERSON_REVIEW_HOURS * HOUR_MS
        const code = late ? "single-person-review-overdue" : "single-person-review-due"
        await transact(deps, "system-reports", (tx) => deps.alarms.raise(tx, { code, subject: id }))
      }
    },
  }
}

async function unreviewed(db: Kysely<Tables>, before: Date) {
  const rows = await db
    .selectFrom("reports")
    .select(["id", "approved_at"])
    .where("single_person_reason", "is not", null)
    .where("single_person_reviewed_by", "is", null)
    .where("approved_at", "<=", before)
    // Manual filings took two people.
    .where("state", "not in", ["withdrawn", "manual"])
    .execute()
  return rows.flatMap(({ id, approved_at }) => (approved_at === null ? [] : [{ id, filedAt: approved_at }]))
}
