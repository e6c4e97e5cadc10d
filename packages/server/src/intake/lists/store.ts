import type { Kysely } from "kysely"
import { readOneSealed } from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"

/** When an index went live here. */
export async function readLiveAt(db: Kysely<Tables>, version: number): Promise<Date | undefined> {
  const row = await readOneSealed(db, "live_indexes", (all) => all.where("version", "=", version))
  return row?.live_at
}
