import type { Kysely, Selectable } from "kysely"
import type { ScreenTables } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"

/** A row of `screen_answers`. */
export type AnswerRow = Selectable<ScreenTables["screen_answers"]>

/** Finds an answer that was given under a repeat key. */
export function findAnswer(db: Kysely<Tables>, key: string, repeatKey: string): Promise<AnswerRow | undefined> {
  return db
    .selectFrom("screen_answers")
    .selectAll()
    .where("key_id", "=", key)
    .where("repeat_key", "=", repeatKey)
    .executeTakeFirst()
}

/** Stores an answer; an earlier one stays. */
export async function insertAnswer(db: Kysely<Tables>, row: AnswerRow): Promise<void> {
  await db
    .insertInto("screen_answers")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Deletes rows of `screen_answers`; a repeated call is then screened again. */
export async function removeAnswers(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("screen_answers").where("answered_at", "<", before).execute()
}
