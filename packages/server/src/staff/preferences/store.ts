/**
 * SQL of people's preferences.
 * @module
 */
import type { ViewingPreferences } from "@nightlight/contract/server"
import type { Kysely, Selectable, Transaction } from "kysely"
import type { PreferenceTables } from "../../platform/db/tables/staff.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Preferences } from "./types.ts"

const UNSET: Preferences = { tourDone: false, theme: "system", viewing: undefined, optOutCategories: [] }

/** Reads a person's preferences. */
export async function readPreferences(db: Kysely<Tables>, personId: string): Promise<Preferences> {
  const row = await db.selectFrom("preferences").selectAll().where("person_id", "=", personId).executeTakeFirst()
  return row === undefined ? UNSET : toPreferences(row)
}

/** Reads a person's preferences and locks them until this transaction ends. */
export async function lockPreferences(trx: Transaction<Tables>, personId: string): Promise<Preferences> {
  await trx
    .insertInto("preferences")
    .values({ person_id: personId, size_px: null, blur_px: null, hide_after_seconds: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await trx
    .selectFrom("preferences")
    .selectAll()
    .where("person_id", "=", personId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return toPreferences(row)
}

/** Overwrites all preferences of a person. {@link lockPreferences} has made the row and locked it. */
export async function writePreferences(
  trx: Transaction<Tables>,
  personId: string,
  { tourDone, theme, viewing, optOutCategories }: Preferences,
): Promise<void> {
  await trx
    .updateTable("preferences")
    .set({
      tour_done: tourDone,
      theme,
      size_px: viewing?.sizePx ?? null,
      blur_px: viewing?.blurPx ?? null,
      hide_after_seconds: viewing?.hideAfterSeconds ?? null,
      opt_out_categories: optOutCategories,
    })
    .where("person_id", "=", personId)
    .execute()
}

function toPreferences(row: Selectable<PreferenceTables["preferences"]>): Preferences {
  return {
    tourDone: row.tour_done,
    theme: row.theme,
    viewing: toViewing(row),
    optOutCategories: row.opt_out_categories,
  }
}

function toViewing(row: Selectable<PreferenceTables["preferences"]>): ViewingPreferences | undefined {
  const { size_px: sizePx, blur_px: blurPx, hide_after_seconds: hideAfterSeconds } = row
  if (sizePx === null || blurPx === null || hideAfterSeconds === null) return undefined
  return { sizePx, blurPx, hideAfterSeconds, greyscale: true }
}
