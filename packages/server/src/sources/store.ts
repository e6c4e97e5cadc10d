import type { Kysely, Selectable } from "kysely"
import type { Tables } from "../db/tables.ts"
import type { SourceTables } from "./tables.ts"

/** A source as the database has it. */
export type SourceRow = Selectable<SourceTables["sources"]>

/** Adds a source. @throws {RequestError} `state_conflict` if a live one has the key. */
export async function insertSource(db: Kysely<Tables>, row: SourceRow): Promise<void> {
  await db.insertInto("sources").values(row).execute()
}

/** Ends a source that is live. */
export async function endSource(db: Kysely<Tables>, source: string, at: Date): Promise<boolean> {
  const ended = await db
    .updateTable("sources")
    .set({ revoked_at: at })
    .where("source_id", "=", source)
    .where("revoked_at", "is", null)
    .executeTakeFirst()
  return ended.numUpdatedRows > 0n
}

/** Finds a source, live or not. */
export function findSource(db: Kysely<Tables>, source: string): Promise<SourceRow | undefined> {
  return db.selectFrom("sources").selectAll().where("source_id", "=", source).executeTakeFirst()
}

/** All sources, oldest first. */
export function allSources(db: Kysely<Tables>): Promise<SourceRow[]> {
  return db.selectFrom("sources").selectAll().orderBy("enrolled_at").orderBy("source_id").execute()
}
