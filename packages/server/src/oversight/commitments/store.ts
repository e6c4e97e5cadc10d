/**
 * SQL of evidence: the log, counted by day.
 * @module
 */
import { type ControlEvidence, canonicalJson } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/** Number and newest time of matching events on one day in UTC. */
export interface DayOfEvents {
  /** `2026-03-02`. */
  readonly day: string
  readonly count: number
  /** ISO 8601, UTC. */
  readonly newest: string
}

/** Number of the newest event; 0 if there is none. */
export async function readHeadSeq(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom("events")
    .select(({ fn }) => fn.max("seq").as("seq"))
    .executeTakeFirst()
  return Number(row?.seq ?? 0)
}

/**
 * Counts the events that are evidence, by day, after one event of the log and up to another. Numbers become visible in
 * order, since the log has one writer at a time.
 */
export async function countDays(
  db: Kysely<Tables>,
  { type, where, exceptTestCases }: ControlEvidence,
  { after, through }: { readonly after: number; readonly through: number },
): Promise<readonly DayOfEvents[]> {
  const day = sql<string>`left(at, 10)`
  let query = db
    .selectFrom("events as e")
    .select(({ fn }) => [day.as("day"), fn.countAll<string>().as("count"), fn.max("at").as("newest")])
    .where("type", "=", type)
    .where("seq", ">", String(after))
    .where("seq", "<=", String(through))
    .groupBy(day)
  if (where !== undefined) {
    query = query.where(sql<boolean>`line::jsonb -> 'data' @> ${canonicalJson({ ...where })}::jsonb`)
  }
  if (exceptTestCases === true) {
    query = query.where(sql<boolean>`NOT EXISTS (
      SELECT 1 FROM events opened
      WHERE opened.subject = e.subject AND opened.type = 'case.opened'
        AND opened.line::jsonb -> 'data' ->> 'kind' = 'test')`)
  }
  const rows = await query.execute()
  return rows.map(({ day: foundDay, count, newest }) => ({ day: foundDay, count: Number(count), newest }))
}
