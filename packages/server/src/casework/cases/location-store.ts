/**
 * SQL that reads the places of finds.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { CaseTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { FINDS_PER_CASE } from "./grouping.ts"

/** A row of `find_locations`. */
export type LocationRow = Selectable<CaseTables["find_locations"]>

/** Reads places in order of attachment: of a whole case, or a page of one find's. */
export function readLocations(
  db: Kysely<Tables>,
  caseId: string,
  { findId, after, limit }: { readonly findId?: string; readonly after?: number; readonly limit?: number },
): Promise<LocationRow[]> {
  let query = db
    .selectFrom("find_locations")
    .innerJoin("finds", "finds.find_id", "find_locations.find_id")
    .selectAll("find_locations")
    .where("finds.case_id", "=", caseId)
    .orderBy("finds.position")
    .orderBy("find_locations.position")
  if (findId !== undefined) query = query.where("finds.find_id", "=", findId)
  if (after !== undefined) query = query.where("find_locations.position", ">", after)
  if (limit !== undefined) query = query.limit(limit)
  return query.execute()
}

/** When the first of a case's places was found. */
export async function readFoundAt(db: Kysely<Tables>, caseId: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom("find_locations")
    .innerJoin("finds", "finds.find_id", "find_locations.find_id")
    .select((is) => is.fn.min("find_locations.found_at").as("first"))
    .where("finds.case_id", "=", caseId)
    .executeTakeFirst()
  return row?.first ?? undefined
}

/**
 * The first place of each find of a case and of the undecided cases of its group, by case, the case itself first; at
 * most {@link FINDS_PER_CASE} of them.
 */
export async function readGroupLocations(
  db: Kysely<Tables>,
  caseId: string,
): Promise<ReadonlyMap<string, readonly LocationRow[]>> {
  const rows = await db
    .selectFrom("find_locations")
    .innerJoin("finds", "finds.find_id", "find_locations.find_id")
    .innerJoin("cases", "cases.case_id", "find_locations.case_id")
    .innerJoin("cases as this", "this.group_key", "cases.group_key")
    .selectAll("find_locations")
    .where("this.case_id", "=", caseId)
    .where("find_locations.position", "=", 0)
    .where((is) => is.or([is("cases.case_id", "=", caseId), is("cases.state", "<>", "decided")]))
    .orderBy((is) => is("cases.case_id", "<>", caseId))
    .orderBy("cases.opened_at")
    .orderBy("cases.case_id")
    .orderBy("finds.position")
    .limit(FINDS_PER_CASE)
    .execute()
  return Map.groupBy(rows, ({ case_id }) => case_id)
}
