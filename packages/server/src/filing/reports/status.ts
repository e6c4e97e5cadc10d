import type { Kysely } from "kysely"
import type { ReportState } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { listReports, readReport } from "./store.ts"
import type { ReportId } from "./types.ts"

/** A report's state, and the grant under which it is filed. `undefined` if there is no such report. */
export async function reportStatusOf(
  db: Kysely<Tables>,
  reportId: string,
): Promise<{ readonly state: ReportState; readonly grantId: string | undefined } | undefined> {
  const report = await readReport(db, reportId as ReportId)
  return report === undefined ? undefined : { state: report.state, grantId: report.grantId }
}

/** Ids of all reports that the custodian filed, by the rows. */
export async function finishedReports(db: Kysely<Tables>): Promise<readonly string[]> {
  const rows = await db.selectFrom("reports").select("id").where("state", "=", "finished").orderBy("id").execute()
  return rows.map(({ id }) => id)
}

/** Ids of a case's reports, newest first, at most 200. */
export async function reportIdsOf(db: Kysely<Tables>, caseId: string): Promise<readonly ReportId[]> {
  return (await listReports(db, { caseId, limit: 200 })).map(({ id }) => id)
}
