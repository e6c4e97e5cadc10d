/**
 * SQL that reads the places of items.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { CaseTables } from "../../../platform/db/tables/casework.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { ITEMS_PER_CASE } from "../state/grouping.ts"

/** A row of `item_locations`. */
export type LocationRow = Selectable<CaseTables["item_locations"]>

/** Reads places in order of attachment: of a whole case, or a page of one item's. */
export function readLocations(
  db: Kysely<Tables>,
  caseId: string,
  { itemId, after, limit }: { readonly itemId?: string; readonly after?: number; readonly limit?: number },
): Promise<LocationRow[]> {
  let query = db
    .selectFrom("item_locations")
    .innerJoin("case_items", "case_items.item_id", "item_locations.item_id")
    .selectAll("item_locations")
    .where("case_items.case_id", "=", caseId)
    .orderBy("case_items.position")
    .orderBy("item_locations.position")
  if (itemId !== undefined) query = query.where("case_items.item_id", "=", itemId)
  if (after !== undefined) query = query.where("item_locations.position", ">", after)
  if (limit !== undefined) query = query.limit(limit)
  return query.execute()
}

/** When the first of a case's places was found. */
export async function readFoundAt(db: Kysely<Tables>, caseId: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom("item_locations")
    .innerJoin("case_items", "case_items.item_id", "item_locations.item_id")
    .select((is) => is.fn.min("item_locations.found_at").as("first"))
    .where("case_items.case_id", "=", caseId)
    .executeTakeFirst()
  return row?.first ?? undefined
}

/**
 * The first place of each item of a case and of the undecided cases of its group, by case, the case itself first; at
 * most {@link ITEMS_PER_CASE} of them.
 */
export async function readGroupLocations(
  db: Kysely<Tables>,
  caseId: string,
): Promise<ReadonlyMap<string, readonly LocationRow[]>> {
  const rows = await db
    .selectFrom("item_locations")
    .innerJoin("case_items", "case_items.item_id", "item_locations.item_id")
    .innerJoin("cases", "cases.case_id", "item_locations.case_id")
    .innerJoin("cases as this", "this.group_key", "cases.group_key")
    .selectAll("item_locations")
    .where("this.case_id", "=", caseId)
    .where("item_locations.position", "=", 0)
    .where((is) => is.or([is("cases.case_id", "=", caseId), is("cases.state", "<>", "decided")]))
    .orderBy((is) => is("cases.case_id", "<>", caseId))
    .orderBy("cases.opened_at")
    .orderBy("cases.case_id")
    .orderBy("case_items.position")
    .limit(ITEMS_PER_CASE)
    .execute()
  return Map.groupBy(rows, ({ case_id }) => case_id)
}
