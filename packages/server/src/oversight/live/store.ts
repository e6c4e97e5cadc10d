/**
 * SQL of live updates on the log.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { LoggedEvent } from "./types.ts"

/** Number of the log's last event; `0` of an empty log. */
export async function readHead(db: Kysely<Tables>): Promise<string> {
  const row = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  return row?.seq ?? "0"
}

/** Reads events after one, in order. */
export async function readBehind(db: Kysely<Tables>, seq: string, limit: number): Promise<readonly LoggedEvent[]> {
  return db
    .selectFrom("events")
    .select(["seq", "type", "actor", sql<string>`coalesce(subject, '')`.as("subject")])
    .where("seq", ">", seq)
    .orderBy("seq")
    .limit(limit)
    .execute()
}
