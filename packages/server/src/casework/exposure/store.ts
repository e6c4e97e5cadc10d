/**
 * SQL of exposure.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { OwnLimits } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { NO_LOOKS, UNSTRAINED } from "./events.ts"
import type { DayCounts, SetLimits, Strain } from "./types.ts"

/** Scope of the limits that hold for everybody. */
export const ORGANISATION = "organisation"

/** Reads where a person stands, and lets nobody else change it until the transaction ends. */
export async function lockStrain(trx: Transaction<Tables>, person: string): Promise<Strain> {
  await trx
    .insertInto("exposure_people")
    .values({ person_id: person, ...toRow(UNSTRAINED) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await trx.selectFrom("exposure_people").select("person_id").where("person_id", "=", person).forUpdate().execute()
  return readStrain(trx, person)
}

/** Reads where a person stands. */
export async function readStrain(db: Kysely<Tables>, person: string): Promise<Strain> {
  const row = await db.selectFrom("exposure_people").selectAll().where("person_id", "=", person).executeTakeFirst()
  if (row === undefined) return UNSTRAINED
  return {
    stretchStartedAt: row.stretch_started_at?.toISOString(),
    lastLookAt: row.last_look_at?.toISOString(),
    lastLookCase: row.last_look_case ?? undefined,
    consecutive: row.consecutive,
    breakUntil: row.break_until?.toISOString(),
  }
}

/** Writes where a person stands. */
export async function writeStrain(trx: Transaction<Tables>, person: string, strain: Strain): Promise<void> {
  await trx.updateTable("exposure_people").set(toRow(strain)).where("person_id", "=", person).execute()
}

/** Counts of one day. */
export async function readDay(db: Kysely<Tables>, person: string, day: string): Promise<DayCounts> {
  const row = await db
    .selectFrom("exposure_days")
    .select(["looks", "originals", "seconds"])
    .where("person_id", "=", person)
    .where("day", "=", day)
    .executeTakeFirst()
  return row ?? NO_LOOKS
}

/** Writes the counts of one day. */
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

/** On how many days before one a person has looked. */
export async function countShiftsBefore(db: Kysely<Tables>, person: string, day: string): Promise<number> {
  const { days } = await db
    .selectFrom("exposure_days")
    .select((is) => is.fn.countAll<string>().as("days"))
    .where("person_id", "=", person)
    .where("day", "<", day)
    .where("looks", ">", 0)
    .executeTakeFirstOrThrow()
  return Number(days)
}

/** Everybody's counts of one day. */
export function readPeopleOfDay(db: Kysely<Tables>, day: string) {
  return db.selectFrom("exposure_days").selectAll().where("day", "=", day).orderBy("person_id").execute()
}

/** Limits that were set for a scope; `undefined` if none were. */
export async function readLimits(db: Kysely<Tables>, scope: string): Promise<OwnLimits | undefined> {
  const row = await db.selectFrom("exposure_limits").select("limits").where("scope", "=", scope).executeTakeFirst()
  return row?.limits
}

/** Everybody who has limits of their own, by id. */
export async function readOwnLimits(db: Kysely<Tables>): Promise<readonly SetLimits[]> {
  const rows = await db
    .selectFrom("exposure_limits")
    .selectAll()
    .where("scope", "!=", ORGANISATION)
    .orderBy("scope")
    .execute()
  return rows.map(({ scope, limits, set_by, set_at }) => ({ person: scope, limits, setBy: set_by, setAt: set_at }))
}

/** Lets one transaction at a time set limits, until it ends. */
export async function lockLimits(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "limits")
}

/** Sets the limits of a scope. */
export async function writeLimits(
  trx: Transaction<Tables>,
  scope: string,
  { limits, by, at }: { readonly limits: OwnLimits; readonly by: string; readonly at: Date },
): Promise<void> {
  const values = { limits: JSON.stringify(limits), set_by: by, set_at: at }
  await trx
    .insertInto("exposure_limits")
    .values({ scope, ...values })
    .onConflict((conflict) => conflict.column("scope").doUpdateSet(values))
    .execute()
}

function toRow(strain: Strain) {
  return {
    stretch_started_at: toDate(strain.stretchStartedAt),
    last_look_at: toDate(strain.lastLookAt),
    last_look_case: strain.lastLookCase ?? null,
    consecutive: strain.consecutive,
    break_until: toDate(strain.breakUntil),
  }
}

function toDate(iso: string | undefined): Date | null {
  return iso === undefined ? null : new Date(iso)
}
