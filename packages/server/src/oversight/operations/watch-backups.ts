import { type Clock, HOUR_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import type { JobDefinition } from "../../platform/jobs/job.ts"
import type { Alarms } from "../../staff/alarms/service.ts"

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

/** Times of the newest events; absent if there is none. */
export interface BackupTimes {
  readonly at: Date | undefined
  readonly drilledAt: Date | undefined
}

/** Reads the times of the newest backup and drill from the log. */
export async function readBackupTimes(db: Kysely<Tables>): Promise<BackupTimes> {
  const newest = async (type: string) => {
    const [event] = await readEvents(db, { types: [type], order: "newest", limit: 1 })
    return event === undefined ? undefined : new Date(event.at)
  }
  return { at: await newest("backup.made"), drilledAt: await newest("backup.drilled") }
}
