import type { Kysely } from "kysely"
import type { Tables } from "../../../platform/db/tables.ts"
import { readEvents, textOf } from "../../../platform/events/read.ts"

/** Stores the sealed digest and expiry of a code, replacing the person's earlier ones. */
export async function putCode(db: Kysely<Tables>, personId: string, sealed: Buffer, at: Date): Promise<void> {
  await db
    .insertInto("joining_codes")
    .values({ person_id: personId, sealed, made_at: at })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet({ sealed, made_at: at }))
    .execute()
}

/** Reads a person's code. With `lock`, nobody else uses it until the transaction ends. */
export async function findCode(db: Kysely<Tables>, personId: string, lock: boolean): Promise<Buffer | undefined> {
  const select = db.selectFrom("joining_codes").select("sealed").where("person_id", "=", personId)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row?.sealed
}

/** Deletes a person's code, if there is one. Its wrong tries stay in the log. */
export async function deleteCode(db: Kysely<Tables>, personId: string): Promise<void> {
  await db.deleteFrom("joining_codes").where("person_id", "=", personId).execute()
}

const MADE = "joining-code.made"
const TYPES = [MADE, "joining-code.failed", "joining-code.used"] as const

/** A person's newest code, as the log records it; a restored older row does not change it. */
export interface LoggedCode {
  /** ISO 8601. */
  readonly expiresAt: string
  readonly wrongTries: number
  readonly isUsed: boolean
}

/** Reads the log's view; `undefined` if no code was ever made. */
export async function readLoggedCode(db: Kysely<Tables>, personId: string): Promise<LoggedCode | undefined> {
  const events = await readEvents(db, { subject: personId, types: TYPES })
  const index = events.findLastIndex(({ type }) => type === MADE)
  const made = events[index]
  if (made === undefined) return undefined
  const since = events.slice(index + 1)
  return {
    expiresAt: textOf(made.data, "expiresAt"),
    wrongTries: since.filter(({ type }) => type === "joining-code.failed").length,
    isUsed: since.some(({ type }) => type === "joining-code.used"),
  }
}
