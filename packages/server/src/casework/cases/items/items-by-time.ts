/**
 * SQL that reads items by the time at which they were verified.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../../platform/db/tables.ts"

/** From `from` on, before `to`. */
interface Period {
  readonly from: Date
  readonly to: Date
}

/** Number of items that were verified in a period. */
export async function countItems(db: Kysely<Tables>, { from, to }: Period): Promise<number> {
  const { items: caseItems } = await db
    .selectFrom("case_items")
    .select(({ fn }) => fn.countAll<string>().as("items"))
    .where("attached_at", ">=", from)
    .where("attached_at", "<", to)
    .executeTakeFirstOrThrow()
  return Number(caseItems)
}

/** Items of a period, the newest first. */
export async function readItemsByTime(
  db: Kysely<Tables>,
  { from, to }: Period,
  { before, limit }: { readonly before?: { readonly at: Date; readonly id: string }; readonly limit: number },
) {
  let select = db
    .selectFrom("case_items")
    .select(["item_id", "case_id", "attached_at", "verdict", "matches", "media_type", "digests"])
    .where("attached_at", ">=", from)
    .where("attached_at", "<", to)
  if (before !== undefined) {
    const { at, id } = before
    select = select.where((is) => is(is.refTuple("attached_at", "item_id"), "<", is.tuple(at, id)))
  }
  return select.orderBy("attached_at", "desc").orderBy("item_id", "desc").limit(limit).execute()
}
