/**
 * SQL that reads finds by when they were taken in.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/** From `from` on, before `to`. */
interface Period {
  readonly from: Date
  readonly to: Date
}

/** How many finds were taken in in a period. */
export async function countFinds(db: Kysely<Tables>, { from, to }: Period): Promise<number> {
  const { finds } = await db
    .selectFrom("finds")
    .select(({ fn }) => fn.countAll<string>().as("finds"))
    .where("attached_at", ">=", from)
    .where("attached_at", "<", to)
    .executeTakeFirstOrThrow()
  return Number(finds)
}

/** Finds of a period, the newest first. */
export async function readFindsByTime(
  db: Kysely<Tables>,
  { from, to }: Period,
  { before, limit }: { readonly before?: { readonly at: Date; readonly id: string }; readonly limit: number },
) {
  let select = db
    .selectFrom("finds")
    .select(["find_id", "case_id", "attached_at", "verdict", "matches", "media_type", "digests"])
    .where("attached_at", ">=", from)
    .where("attached_at", "<", to)
  if (before !== undefined) {
    const { at, id } = before
    select = select.where((is) => is(is.refTuple("attached_at", "find_id"), "<", is.tuple(at, id)))
  }
  return select.orderBy("attached_at", "desc").orderBy("find_id", "desc").limit(limit).execute()
}
