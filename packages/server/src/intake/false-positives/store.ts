import type { Kysely, Transaction } from "kysely"
import { authorityOf } from "../../platform/authority/of-database.ts"
import {
  insertSealed,
  insertSealedOnce,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { DisputeState } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import type { Dispute, DisputedEntries } from "./types.ts"

const MOST = 200

/** Adds a dispute that stands open. Returns `false` where one of this item and list stands already. */
export async function insertDispute(
  trx: Transaction<Tables>,
  dispute: Dispute,
  { itemKey, entryKeys }: DisputedEntries,
): Promise<boolean> {
  const { disputeId, list, caseId, itemId, reason, state, bar, entries, openedBy, openedAt } = dispute
  const added = await insertSealedOnce(trx, "disputes", {
    dispute_id: disputeId,
    list,
    case_id: caseId,
    item_id: itemId,
    reason,
    state,
    bar: bar ?? null,
    entries,
    opened_by: openedBy,
    opened_at: openedAt,
    changed_by: null,
    changed_at: null,
  })
  if (added === 0) return false
  if (entryKeys.length > 0) {
    const rows = entryKeys.map((entry_key) => ({ dispute_id: disputeId, entry_key, item_key: itemKey }))
    await insertSealed(trx, "disputed_entries", ...rows)
  }
  return true
}

/** Reads one. `lock`: until the transaction ends nobody else changes where it stands. */
export async function findDispute(db: Kysely<Tables>, disputeId: string, lock = false): Promise<Dispute | undefined> {
  const row = await readOneSealed(db, "disputes", (all) => {
    const one = all.where("dispute_id", "=", disputeId)
    return lock ? one.forUpdate() : one
  })
  return row === undefined ? undefined : toDispute(row)
}

/** Lists disputes, newest first, at most 200. */
export async function listDisputes(
  db: Kysely<Tables>,
  { list, state, caseId }: { readonly list?: string; readonly state?: DisputeState; readonly caseId?: string },
): Promise<readonly Dispute[]> {
  const rows = await readSealedGood(db, "disputes", (all) => {
    let select = all.orderBy("opened_at", "desc").orderBy("dispute_id").limit(MOST)
    if (list !== undefined) select = select.where("list", "=", list)
    if (state !== undefined) select = select.where("state", "=", state)
    if (caseId !== undefined) select = select.where("case_id", "=", caseId)
    return select
  })
  return rows.map(toDispute)
}

/** Writes where a dispute stands, and who changed it. */
export async function writeState(
  trx: Transaction<Tables>,
  disputeId: string,
  { state, by, at }: { readonly state: DisputeState; readonly by: string; readonly at: Date },
): Promise<void> {
  await updateSealed(trx, "disputes", (all) => all.where("dispute_id", "=", disputeId), {
    state,
    changed_by: by,
    changed_at: at,
  })
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

/**
 * Entries that are known false positives for an item, by list. One that is not what was written, or that ended by the
 * log, is none: its match counts.
 */
export async function acceptedOf(
  db: Kysely<Tables>,
  itemKey: string,
): Promise<readonly { readonly list: string; readonly entryKey: string }[]> {
  const entries = await readSealedGood(db, "disputed_entries", (all) => all.where("item_key", "=", itemKey))
  const ids = [...new Set(entries.map(({ dispute_id }) => dispute_id))]
  if (ids.length === 0) return []
  const accepted = await readSealedGood(db, "disputes", (all) =>
    all.where("dispute_id", "in", ids).where("state", "=", "accepted"),
  )
  if (accepted.length === 0) return []
  const ended = new Set((await readPowerEvents(db, ...ids)).map(({ data }) => data["subject"]))
  const lists = new Map<string, string>()
  for (const { dispute_id, list } of accepted) {
    if (ended.has(dispute_id)) authorityOf(db).distrust({ table: "disputes", id: dispute_id })
    else lists.set(dispute_id, list)
  }
  return entries.flatMap(({ dispute_id, entry_key }) => {
    const list = lists.get(dispute_id)
    return list === undefined ? [] : [{ list, entryKey: entry_key }]
  })
}

function toDispute(row: SealedRow<"disputes">): Dispute {
  return {
    disputeId: row.dispute_id,
    list: row.list,
    caseId: row.case_id,
    itemId: row.item_id,
    reason: row.reason,
    state: row.state,
    bar: row.bar ?? undefined,
    entries: row.entries,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    changedBy: row.changed_by ?? undefined,
    changedAt: row.changed_at ?? undefined,
  }
}
