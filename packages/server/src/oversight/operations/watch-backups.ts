import type { Clock } from "@nightlight/core"
import { HOUR_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import type { JobDefinition } from "../../platform/jobs/job.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import { readBackupTimes } from "./backup-times.ts"

/** Dependencies of {@link watchBackupsJob}. */
export interface WatchBackupsDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly alarms: Pick<Alarms, "raiseNow">
  /** Hours between backups; `null` if none are scheduled. */
  readonly everyHours: number | null
}

/** A backup is too old after this many intervals, since the machine may have slept. */
const LATE = 2

/** Raises an alarm, each hour, while the newest backup is older than two of its intervals, or none was made. */
export function watchBackupsJob({
  db,
  clock,
  alarms,
  everyHours,
}: WatchBackupsDeps): JobDefinition<Record<string, never>> {
  return {
    name: "watch-backups",
    payload: z.strictObject({}),
    tries: 1,
    retryDelaySeconds: 1,
    expireSeconds: 60,
    schedule: "41 * * * *",
    run: async () => {
      if (everyHours === null) return
      const { at } = await readBackupTimes(db)
      const isOld = at === undefined || clock.now().getTime() - at.getTime() > LATE * everyHours * HOUR_MS
      if (isOld) await alarms.raiseNow({ code: "backup-old", subject: "installation" })
    },
  }
}
