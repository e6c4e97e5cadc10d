import type { Kysely, Selectable, Transaction } from "kysely"
import { lockUntilEnd } from "../db/advisory-lock.ts"
import type { Tables } from "../db/tables.ts"
import type { DisputeTables } from "./tables.ts"
import type { Dispute, DisputedEntries, DisputeState } from "./types.ts"

const MOST = 200

/** Adds a dispute that stands open. Returns `false` where one of this find and list stands already. */
export async function insertDispute(
  trx: Transaction<Tables>,
  dispute: Dispute,
  { itemKey, entryKeys }: DisputedEntries,
): Promise<boolean> {
  const { disputeId, list, caseId, findId, reason, state, bar, entries, openedBy, openedAt } = dispute
  const added = await trx
    .insertInto("disputes")
    .values({
      ...{ dispute_id: disputeId, list, case_id: caseId, find_id: findId, reason, state, bar: bar ?? null, entries },
      ...{ opened_by: openedBy, opened_at: openedAt, changed_by: null, changed_at: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if ((added.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
  if (entryKeys.length > 0) {
    const rows = entryKeys.map((entry_key) => ({ dispute_id: disputeId, entry_key, item_key: itemKey }))
    await trx.insertInto("disputed_entries").values(rows).execute()
  }
  return true
}

/** Reads one. `lock`: until the transaction ends nobody else changes where it stands. */
export async function findDispute(db: Kysely<Tables>, disputeId: string, lock = false): Promise<Dispute | undefined> {
  const select = db.selectFrom("disputes").selectAll().where("dispute_id", "=", disputeId)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row === undefined ? undefined : toDispute(row)
}

/** Lists disputes, newest first, at most 200. */
export async function listDisputes(
  db: Kysely<Tables>,
  { list, state, caseId }: { readonly list?: string; readonly state?: DisputeState; readonly caseId?: string },
): Promise<readonly Dispute[]> {
  let select = db.selectFrom("disputes").selectAll().orderBy("opened_at", "desc").orderBy("dispute_id").limit(MOST)
  if (list !== undefined) select = select.where("list", "=", list)
  if (state !== undefined) select = select.where("state", "=", state)
  if (caseId !== undefined) select = select.where("case_id", "=", caseId)
  return (await select.execute()).map(toDispute)
}

/** Writes where a dispute stands, and who changed it. */
export async function writeState(
  trx: Transaction<Tables>,
  disputeId: string,
  { state, by, at }: { readonly state: DisputeState; readonly by: string; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable("disputes")
    .set({ state, changed_by: by, changed_at: at })
    .where("dispute_id", "=", disputeId)
    .execute()
}

/** Lets one transaction at a time end a false positive, or pass something over as one, until it ends. */
export async function lockFalsePositives(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "false-positives")
}

/** How many disputes of each list stand where. */
export async function countDisputes(db: Kysely<Tables>) {
  const rows = await db
    .selectFrom("disputes")
    .select(["list", "state"])
    .select(({ fn }) => fn.countAll<string>().as("disputes"))
    .groupBy(["list", "state"])
    .execute()
  return rows.map(({ list, state, disputes }) => ({ list, state, disputes: Number(disputes) }))
}

/** Entries that are known false positives for an item, by list. */
export async function acceptedOf(
  db: Kysely<Tables>,
  itemKey: string,
): Promise<readonly { readonly list: string; readonly entryKey: string }[]> {
  const rows = await db
    .selectFrom("disputed_entries")
    .innerJoin("disputes", "disputes.dispute_id", "disputed_entries.dispute_id")
    .select(["disputes.list", "disputed_entries.entry_key"])
    .where("disputed_entries.item_key", "=", itemKey)
    .where("disputes.state", "=", "accepted")
    .execute()
  return rows.map(({ list, entry_key }) => ({ list, entryKey: entry_key }))
}

function toDispute(row: Selectable<DisputeTables["disputes"]>): Dispute {
  return {
    ...{ disputeId: row.dispute_id, list: row.list, caseId: row.case_id, findId: row.find_id, reason: row.reason },
    ...{ state: row.state, bar: row.bar ?? undefined, entries: row.entries },
    ...{ openedBy: row.opened_by, openedAt: row.opened_at },
    ...{ changedBy: row.changed_by ?? undefined, changedAt: row.changed_at ?? undefined },
  }
}
