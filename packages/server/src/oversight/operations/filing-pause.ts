/**
 * Whether reports may be filed at all. A restored database does not know what was filed after its backup, so filing
 * starts paused and stays so until it was compared with the custodian's journal.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"

const SWITCH = "filing-paused"

/**
 * Whether no filing may begin; one in progress is finished or retracted as the custodian's journal says. Deleting the
 * row does not end a pause: the log says that it was not ended.
 */
export async function isFilingPaused(db: Kysely<Tables>): Promise<boolean> {
  const row = await db.selectFrom("operations").select("name").where("name", "=", SWITCH).executeTakeFirst()
  if (row !== undefined) return true
  const events = (await readPowerEvents(db, "installation")).filter(({ type }) => type.startsWith("filing."))
  return events.at(-1)?.type === "filing.paused"
}

/** Pauses filing. Safe to repeat. */
export async function pauseFiling({ trx, record }: EventTransaction, by: string, now: Date): Promise<void> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("operations")
    .values({ name: SWITCH, since: now, by })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 1n) record({ type: "filing.paused", subject: "installation" })
}

/** Resumes filing. Safe to repeat. */
export async function resumeFiling(
  { trx, record }: EventTransaction,
  data: { readonly compared: number },
): Promise<void> {
  const wasPaused = await isFilingPaused(trx)
  await trx.deleteFrom("operations").where("name", "=", SWITCH).execute()
  if (wasPaused) record({ type: "filing.resumed", subject: "installation", data })
}
