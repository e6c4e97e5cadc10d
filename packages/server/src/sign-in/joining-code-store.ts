import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"

/** A person's code as its row holds it. */
export interface StoredCode {
  readonly sealed: Buffer
  readonly wrongTries: number
}

/** Puts a code in place of the person's earlier one. */
export async function putCode(db: Kysely<Tables>, personId: string, sealed: Buffer, at: Date): Promise<void> {
  await db
    .insertInto("joining_codes")
    .values({ person_id: personId, sealed, wrong_tries: 0, made_at: at })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet({ sealed, wrong_tries: 0, made_at: at }))
    .execute()
}

/** Reads a person's code. `lock`: nobody else uses it until the transaction ends. */
export async function findCode(db: Kysely<Tables>, personId: string, lock: boolean): Promise<StoredCode | undefined> {
  const select = db.selectFrom("joining_codes").select(["sealed", "wrong_tries"]).where("person_id", "=", personId)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row === undefined ? undefined : { sealed: row.sealed, wrongTries: row.wrong_tries }
}

/** Notes a wrong try. */
export async function countWrongTry(db: Kysely<Tables>, personId: string, wrongTries: number): Promise<void> {
  await db.updateTable("joining_codes").set({ wrong_tries: wrongTries }).where("person_id", "=", personId).execute()
}

/** Takes a code away. */
export async function deleteCode(db: Kysely<Tables>, personId: string): Promise<void> {
  await db.deleteFrom("joining_codes").where("person_id", "=", personId).execute()
}
