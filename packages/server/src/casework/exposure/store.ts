/**
 * SQL of exposure.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { NO_VIEWINGS, NO_VIEWINGS_YET } from "./events.ts"
import type { BreakState, DayCounts, Limits } from "./types.ts"

/** Reads the state that a person's breaks follow from, and locks it until the transaction ends. */
export async function lockBreaks(trx: Transaction<Tables>, person: string): Promise<BreakState> {
  await trx
    .insertInto("exposure_people")
    .values({ person_id: person, ...toRow(NO_VIEWINGS_YET) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await trx.selectFrom("exposure_people").select("person_id").where("person_id", "=", person).forUpdate().execute()
  return readBreaks(trx, person)
}

/** Reads the state that a person's breaks follow from. */
export async function readBreaks(db: Kysely<Tables>, person: string): Promise<BreakState> {
  const row = await db.selectFrom("exposure_people").selectAll().where("person_id", "=", person).executeTakeFirst()
  if (row === undefined) return NO_VIEWINGS_YET
  return {
    stretchStartedAt: row.stretch_started_at?.toISOString(),
    lastViewingAt: row.last_viewing_at?.toISOString(),
    breakUntil: row.break_until?.toISOString(),
  }
}

/** Writes the state that a person's breaks follow from. */
export async function writeBreaks(trx: Transaction<Tables>, person: string, breaks: BreakState): Promise<void> {
  await trx.updateTable("exposure_people").set(toRow(breaks)).where("person_id", "=", person).execute()
}

/** Reads a person's counts of one day, all 0 without a viewing. `day` is a local date such as `2026-03-02`. */
export async function readDay(db: Kysely<Tables>, person: string, day: string): Promise<DayCounts> {
  const row = await db
    .selectFrom("exposure_days")
    .select(["viewings", "originals", "seconds"])
    .where("person_id", "=", person)
    .where("day", "=", day)
    .executeTakeFirst()
  return row ?? NO_VIEWINGS
}

/** Inserts or overwrites a row of `exposure_days`. `day` is a date in the installation's zone: `2026-03-02`. */
export async function writeDay(
  trx: Transaction<Tables>,
  person: string,
  day: string,
  counts: DayCounts,
): Promise<void> {
  await trx
    .insertInto("exposure_days")
    .values({ person_id: person, day, ...counts })
    .onConflict((conflict) => conflict.columns(["person_id", "day"]).doUpdateSet({ ...counts }))
    .execute()
}

/** Everybody's counts of one day. */
export function readPeopleOfDay(db: Kysely<Tables>, day: string) {
  return db.selectFrom("exposure_days").selectAll().where("day", "=", day).orderBy("person_id").execute()
}

/** The limits that counsel set last; `undefined` if none were set. */
export async function readLimits(db: Kysely<Tables>): Promise<Limits | undefined> {
  const row = await db.selectFrom("exposure_limits").select("limits").executeTakeFirst()
  return row?.limits
}

/** Lets one transaction at a time set limits, until it ends. */
export async function lockLimits(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "limits")
}

/** Sets the limits; the caller holds {@link lockLimits}. */
export async function writeLimits(
  trx: Transaction<Tables>,
  { limits, by, at }: { readonly limits: Limits; readonly by: string; readonly at: Date },
): Promise<void> {
  const values = { limits: JSON.stringify(limits), set_by: by, set_at: at }
  await trx
    .insertInto("exposure_limits")
    .values({ id: 1, ...values })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
    .execute()
}

function toRow(breaks: BreakState) {
  return {
    stretch_started_at: toDate(breaks.stretchStartedAt),
    last_viewing_at: toDate(breaks.lastViewingAt),
    break_until: toDate(breaks.breakUntil),
  }
}

function toDate(iso: string | undefined): Date | null {
  return iso === undefined ? null : new Date(iso)
}
