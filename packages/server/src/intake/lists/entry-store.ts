/**
 * SQL of the items that list entries matched.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/**
 * Records that entries matched an item; a second time changes nothing.
 *
 * @param entries - Their lists, by keyed digests of the entries.
 */
export async function noteEntries(
  trx: Transaction<Tables>,
  entries: ReadonlyMap<string, string>,
  itemKey: string,
): Promise<void> {
  if (entries.size === 0) return
  await trx
    .insertInto("entry_items")
    .values([...entries].map(([entry_key, list]) => ({ entry_key, item_key: itemKey, list })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Number of entries of each list that have matched more distinct items than `most`. */
export async function countBroadEntries(db: Kysely<Tables>, most: number) {
  const broad = db
    .selectFrom("entry_items")
    .select("list")
    .where("list", "is not", null)
    .groupBy(["list", "entry_key"])
    .having((eb) => eb(eb.fn.countAll(), ">", String(most)))
  const rows = await db
    .selectFrom(broad.as("broad"))
    .select("list")
    .select(({ fn }) => fn.countAll<string>().as("entries"))
    .groupBy("list")
    .execute()
  return rows.map(({ list, entries }) => ({ list: list ?? "", entries: Number(entries) }))
}

/** Which of these entries have matched more distinct items than a number. */
export async function findBroadEntries(
  db: Kysely<Tables>,
  entryKeys: readonly string[],
  most: number,
): Promise<readonly string[]> {
  if (entryKeys.length === 0) return []
  const rows = await db
    .selectFrom("entry_items")
    .select("entry_key")
    .where("entry_key", "in", entryKeys)
    .groupBy("entry_key")
    .having((eb) => eb(eb.fn.countAll(), ">", String(most)))
    .execute()
  return rows.map(({ entry_key }) => entry_key)
}
