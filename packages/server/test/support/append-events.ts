import { systemClock } from "@nightlight/core"
import type { createDatabase } from "@nightlight/dev-env/database/postgres"
import type { Tables } from "../../src/platform/db/tables.ts"
import { transact } from "../../src/platform/events/transact.ts"

/** A database of a test's own. */
export type Made = Awaited<ReturnType<typeof createDatabase<Tables>>>

/** Appends events to its log, one transaction each. */
export async function appendEvents(made: Pick<Made, "database">, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await transact({ db: made.database.kysely, clock: systemClock }, "person-1", async ({ record }) => {
      record({ type: "case.claimed", subject: `case-${index}`, data: { at: index } })
    })
  }
}
