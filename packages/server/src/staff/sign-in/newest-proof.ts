import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"

/**
 * Whether a credential is the one that its person set last, according to the log, and not an older row that was put
 * back.
 */
export async function isNewest(db: Kysely<Tables>, personId: string, proof: string): Promise<boolean> {
  const last = (await readPowerEvents(db, personId)).findLast(({ type }) => type.startsWith("credentials."))
  return last?.data["proof"] === proof
}
