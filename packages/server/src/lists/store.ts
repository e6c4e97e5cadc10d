import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"

/** When an index went live here. */
export async function readLiveAt(db: Kysely<Tables>, version: number): Promise<Date | undefined> {
  const row = await db.selectFrom("live_indexes").select("live_at").where("version", "=", version).executeTakeFirst()
  return row?.live_at
}
