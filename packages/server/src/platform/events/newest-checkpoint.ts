import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"

/** The checkpoint that was signed last, by the database: unchecked. */
export interface NewestCheckpoint {
  /** How often checkpoints had been restarted: of two, the one with more restarts is later. */
  readonly restarts: number
  readonly seq: number
  readonly line: string
}

/** Reads it; `undefined` before the first. */
export async function newestCheckpoint(db: Kysely<Tables>): Promise<NewestCheckpoint | undefined> {
  const row = await db
    .selectFrom("event_checkpoints")
    .select(["restarts", "seq", "line"])
    .orderBy("restarts", "desc")
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : { ...row, seq: Number(row.seq) }
}
