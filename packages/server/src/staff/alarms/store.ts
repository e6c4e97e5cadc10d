/**
 * SQL of alarms.
 * @module
 */
import { canonicalJson } from "@nightlight/core"
import type { AuditData } from "@nightlight/vault/audit"
import { type Kysely, type Selectable, sql } from "kysely"
import type { AlarmTables } from "../../platform/db/tables/staff.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { AlarmInput } from "../../platform/events/alarm-port.ts"
import type { Alarm } from "./types.ts"

const LIST_LIMIT = 200

/**
 * Raises an alarm: inserts a row, or counts one more in the open one.
 *
 * @returns How often it was raised since it opened.
 */
export async function raiseAlarm(
  db: Kysely<Tables>,
  { code, subject, data = {} }: AlarmInput,
  { id, at }: { readonly id: string; readonly at: Date },
): Promise<number> {
  const row = await db
    .insertInto("alarms")
    .values({
      id,
      code,
      subject,
      data: canonicalJson(data),
      times: 1,
      raised_at: at,
      last_at: at,
      acknowledged_at: null,
      acknowledged_by: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["code", "subject"])
        .where("acknowledged_at", "is", null)
        .doUpdateSet({ times: sql`alarms.times + 1`, last_at: at }),
    )
    .returning("times")
    .executeTakeFirstOrThrow()
  return row.times
}

/** Reads alarms, newest first, at most 200. */
export async function listAlarms(db: Kysely<Tables>, openOnly: boolean): Promise<readonly Alarm[]> {
  let select = db.selectFrom("alarms").selectAll().orderBy("raised_at", "desc").orderBy("id").limit(LIST_LIMIT)
  if (openOnly) select = select.where("acknowledged_at", "is", null)
  return (await select.execute()).map(toAlarm)
}

/** Marks an alarm as handled; `undefined` if it does not exist or was acknowledged before. */
export async function acknowledgeAlarm(
  db: Kysely<Tables>,
  id: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<Alarm | undefined> {
  const row = await db
    .updateTable("alarms")
    .set({ acknowledged_at: at, acknowledged_by: by })
    .where("id", "=", id)
    .where("acknowledged_at", "is", null)
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? undefined : toAlarm(row)
}

/** Reopens an alarm; `undefined` if it is open already. An open alarm of the same code and subject is a conflict. */
export async function reopenAlarm(db: Kysely<Tables>, id: string): Promise<Alarm | undefined> {
  const row = await db
    .updateTable("alarms")
    .set({ acknowledged_at: null, acknowledged_by: null })
    .where("id", "=", id)
    .where("acknowledged_at", "is not", null)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("alarms as other")
            .select("other.id")
            .whereRef("other.code", "=", "alarms.code")
            .whereRef("other.subject", "=", "alarms.subject")
            .where("other.acknowledged_at", "is", null),
        ),
      ),
    )
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? undefined : toAlarm(row)
}

/** Reads the last alarm of a code about each of these subjects. */
export async function readAlarmsAbout(
  db: Kysely<Tables>,
  code: string,
  subjects: readonly string[],
): Promise<readonly Alarm[]> {
  if (subjects.length === 0) return []
  const rows = await db
    .selectFrom("alarms")
    .selectAll()
    .distinctOn("subject")
    .where("code", "=", code)
    .where("subject", "in", subjects)
    .orderBy("subject")
    .orderBy("raised_at", "desc")
    .execute()
  return rows.map(toAlarm)
}

function toAlarm(row: Selectable<AlarmTables["alarms"]>): Alarm {
  return {
    id: row.id,
    code: row.code,
    subject: row.subject,
    data: row.data as AuditData,
    raisedAt: row.raised_at,
    lastAt: row.last_at,
    times: row.times,
    acknowledgedAt: row.acknowledged_at ?? undefined,
    acknowledgedBy: row.acknowledged_by ?? undefined,
  }
}
