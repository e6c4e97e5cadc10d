/**
 * Times of the last backup and of the last drill, by the log.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"

/** Times of the newest events; absent if there is none. */
export interface BackupTimes {
  readonly at: Date | undefined
  readonly drilledAt: Date | undefined
}

/** Reads the times from the log. */
export async function readBackupTimes(db: Kysely<Tables>): Promise<BackupTimes> {
  const newest = async (type: string) => {
    const [event] = await readEvents(db, { types: [type], order: "newest", limit: 1 })
    return event === undefined ? undefined : new Date(event.at)
  }
  return { at: await newest("backup.made"), drilledAt: await newest("backup.drilled") }
}
