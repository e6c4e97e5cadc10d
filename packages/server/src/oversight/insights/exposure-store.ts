/**
 * SQL of everybody's exposure together, from the log. No row names a person.
 * @module
 */
import { DAY_MS } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/** One day in the installation's zone. */
export interface ExposureDay {
  readonly day: string
  /** Number of people with viewings: decides whether the rest is shown, and is itself never shown. */
  readonly people: number
  readonly viewings: number
  readonly originals: number
  readonly seconds: number
}

/** Days with viewings, from first to last, both included. Failed viewings do not count. */
export async function readExposureDays(
  db: Kysely<Tables>,
  { first, last }: { readonly first: string; readonly last: string },
): Promise<readonly ExposureDay[]> {
  // The day is in each event's data. No zone is further from UTC than a day, so the index can find them by time.
  const from = dayAfter(first, -1)
  const to = dayAfter(last, 2)
  const { rows } = await sql<{ day: string; people: string; viewings: string; originals: string; seconds: string }>`
    WITH looked AS (
      SELECT line::jsonb -> 'data' AS data, actor,
        CASE type WHEN 'viewing.requested' THEN 1 WHEN 'viewing.failed' THEN -1 ELSE 0 END AS viewings
      FROM events WHERE type IN ('viewing.requested', 'viewing.failed', 'viewing.ended') AND at >= ${from} AND at < ${to}
    ),
    per_person AS (
      SELECT data ->> 'day' AS day, actor, sum(viewings) AS viewings,
        sum(viewings) FILTER (WHERE data ->> 'purpose' = 'original') AS originals,
        sum((data ->> 'seconds')::numeric) AS seconds
      FROM looked GROUP BY 1, 2
    )
    SELECT day, count(*) AS people, sum(viewings) AS viewings, coalesce(sum(originals), 0) AS originals,
      coalesce(sum(seconds), 0) AS seconds
    FROM per_person WHERE viewings > 0 AND day >= ${first} AND day <= ${last} GROUP BY 1 ORDER BY 1`.execute(db)
  return rows.map(({ day, people, viewings, originals, seconds }) => ({
    day,
    people: Number(people),
    viewings: Number(viewings),
    originals: Number(originals),
    seconds: Number(seconds),
  }))
}

/** The first moment of the day this many days later, in UTC. */
function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString()
}
