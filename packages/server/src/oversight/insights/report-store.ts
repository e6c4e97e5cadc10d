/**
 * SQL of reports over time, from the log.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type DurationRow, durationsOf, toDurations } from "./case-store.ts"
import type { Durations, RangeText } from "./types.ts"

/** Reports of a period, those to the test host apart. */
export interface ReportCountRow {
  readonly finished: number
  readonly manual: number
  readonly held: number
  readonly retracted: number
  readonly testFinished: number
}

/** Counts finished, held and retracted production reports of a period, from the log; test reports separately. */
export async function countReports(db: Kysely<Tables>, { from, to }: RangeText): Promise<ReportCountRow> {
  const { rows } = await sql<{ [Name in keyof ReportCountRow]: string }>`
    WITH ended AS (
      SELECT e.type, coalesce(
        e.line::jsonb -> 'data' ->> 'environment',
        (SELECT d.line::jsonb -> 'data' ->> 'environment' FROM events d
          WHERE d.type = 'report.drafted' AND d.subject = e.subject LIMIT 1)
      ) = 'production' AS production
      FROM events e
      WHERE e.type IN ('report.finished', 'report.filed-manually', 'report.held', 'report.retract-ended')
        AND e.at >= ${from} AND e.at < ${to}
        AND (e.type <> 'report.retract-ended' OR e.line::jsonb -> 'data' ->> 'kind' = 'accepted')
    )
    SELECT count(*) FILTER (WHERE type IN ('report.finished', 'report.filed-manually') AND production) AS finished,
      count(*) FILTER (WHERE type = 'report.filed-manually' AND production) AS manual,
      count(*) FILTER (WHERE type = 'report.held' AND production) AS held,
      count(*) FILTER (WHERE type = 'report.retract-ended' AND production) AS retracted,
      count(*) FILTER (WHERE type = 'report.finished' AND NOT production) AS "testFinished"
    FROM ended`.execute(db)
  const of = (name: keyof ReportCountRow) => Number(rows[0]?.[name] ?? 0)
  return {
    finished: of("finished"),
    manual: of("manual"),
    held: of("held"),
    retracted: of("retracted"),
    testFinished: of("testFinished"),
  }
}

/**
 * Time to the first finished production report of each case that was filed in a period: since the case was opened, and
 * since the provider came to know.
 */
export async function readReportTimes(
  db: Kysely<Tables>,
  { from, to }: RangeText,
): Promise<{ readonly sinceDetection: Durations; readonly sinceKnowledge: Durations }> {
  const filed = sql`
    SELECT f.at, o.at AS opened_at, (
      SELECT min(k.line::jsonb -> 'data' ->> 'at') FROM events k
      WHERE k.type = 'case.knowledge-recorded' AND k.subject = f.subject
    ) AS known_at
    FROM events f JOIN events o ON o.type = 'case.opened' AND o.subject = f.subject
    WHERE f.type = 'case.filed' AND f.at >= ${from} AND f.at < ${to}`
  const read = async (start: ReturnType<typeof sql>) => {
    const { rows } = await sql<DurationRow>`SELECT ${durationsOf(sql`at`, start)} FROM (${filed}) filed`.execute(db)
    return toDurations(rows[0])
  }
  return { sinceDetection: await read(sql`opened_at`), sinceKnowledge: await read(sql`known_at`) }
}
