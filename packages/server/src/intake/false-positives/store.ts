import type { Kysely, Transaction } from "kysely"
import { authorityOf } from "../../platform/authority/of-database.ts"
import { readConsistently } from "../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  insertSealedOnce,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { FalsePositiveState } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import { textOf } from "../../platform/events/read.ts"
import type { FalsePositive, FalsePositiveEntries } from "./types.ts"

const MOST = 200

/** Inserts an open false positive. Returns `false` if there is one of this item and list already. */
export async function insertFalsePositive(
  trx: Transaction<Tables>,
  falsePositive: FalsePositive,
  { itemKey, entryKeys }: FalsePositiveEntries,
): Promise<boolean> {
  const { falsePositiveId, list, caseId, itemId, reason, state, bar, entries, openedBy, openedAt } = falsePositive
  const added = await insertSealedOnce(trx, "false_positives", {
    false_positive_id: falsePositiveId,
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
    const rows = entryKeys.map((entry_key) => ({ false_positive_id: falsePositiveId, entry_key, item_key: itemKey }))
    await insertSealed(trx, "false_positive_entries", ...rows)
  }
  return true
}

/** Reads one. With `lock`, nobody else changes its state until the transaction ends. */
export async function findFalsePositive(
  db: Kysely<Tables>,
  falsePositiveId: string,
  lock = false,
): Promise<FalsePositive | undefined> {
  const row = await readOneSealed(db, "false_positives", (all) => {
    const one = all.where("false_positive_id", "=", falsePositiveId)
    return lock ? one.forUpdate() : one
  })
  return row === undefined ? undefined : toFalsePositive(row)
}

/** Lists false positives, newest first, at most 200. */
export async function listFalsePositives(
  db: Kysely<Tables>,
  { list, state, caseId }: { readonly list?: string; readonly state?: FalsePositiveState; readonly caseId?: string },
): Promise<readonly FalsePositive[]> {
  const rows = await readSealedGood(db, "false_positives", (all) => {
    let select = all.orderBy("opened_at", "desc").orderBy("false_positive_id").limit(MOST)
    if (list !== undefined) select = select.where("list", "=", list)
    if (state !== undefined) select = select.where("state", "=", state)
    if (caseId !== undefined) select = select.where("case_id", "=", caseId)
    return select
  })
  return rows.map(toFalsePositive)
}

/** Writes a false positive's state, and who changed it. */
export async function writeState(
  trx: Transaction<Tables>,
  falsePositiveId: string,
  { state, by, at }: { readonly state: FalsePositiveState; readonly by: string; readonly at: Date },
): Promise<void> {
  await updateSealed(trx, "false_positives", (all) => all.where("false_positive_id", "=", falsePositiveId), {
    state,
    changed_by: by,
    changed_at: at,
  })
}

/** Lets one transaction at a time end a known false positive, or ignore a match because of one, until it ends. */
export async function lockFalsePositives(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "false-positives")
}

/** Number of false positives of each list, by state. */
export async function countFalsePositives(db: Kysely<Tables>) {
  const rows = await db
    .selectFrom("false_positives")
    .select(["list", "state"])
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .groupBy(["list", "state"])
    .execute()
  return rows.map(({ list, state, count }) => ({ list, state, count: Number(count) }))
}

/**
 * Entries that are known false positives for an item, by list. A row that was altered, or that has ended according to
 * the log, does not count, so its match does.
 */
export async function acceptedOf(
  db: Kysely<Tables>,
  itemKey: string,
): Promise<readonly { readonly list: string; readonly entryKey: string }[]> {
  const entries = await readSealedGood(db, "false_positive_entries", (all) => all.where("item_key", "=", itemKey))
  const ids = [...new Set(entries.map(({ false_positive_id }) => false_positive_id))]
  const lists = await acceptedLists(db, ids)
  return entries.flatMap(({ false_positive_id, entry_key }) => {
    const list = lists.get(false_positive_id)
    return list === undefined ? [] : [{ list, entryKey: entry_key }]
  })
}

/** The list of each of these known false positives that is accepted and has not ended according to the log, by id. */
async function acceptedLists(db: Kysely<Tables>, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const { value, differing } = await readConsistently(async () => {
    const accepted = await readSealedGood(db, "false_positives", (all) =>
      all.where("false_positive_id", "in", ids).where("state", "=", "accepted"),
    )
    const lists = new Map(accepted.map(({ false_positive_id, list }) => [false_positive_id, list]))
    const ended = lists.size === 0 ? [] : (await readPowerEvents(db, ...ids)).map(({ data }) => textOf(data, "subject"))
    const wrong = ended.find((id) => lists.has(id))
    for (const id of ended) lists.delete(id)
    return { value: lists, differing: wrong === undefined ? undefined : { table: "false_positives", id: wrong } }
  })
  if (differing !== undefined) authorityOf(db).distrust(differing)
  return value
}

function toFalsePositive(row: SealedRow<"false_positives">): FalsePositive {
  return {
    falsePositiveId: row.false_positive_id,
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
