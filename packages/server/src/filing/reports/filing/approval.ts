import type { Kysely } from "kysely"
import { authorityOf } from "../../../platform/authority/of-database.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { readEvents } from "../../../platform/events/read.ts"
import type { ReportId } from "../types.ts"

const APPROVES: readonly string[] = ["report.approved", "report.filed-alone", "report.automatic"]

/**
 * Whether the log agrees with an approved report's row: that this person, or nobody for automatic filing, approved it,
 * and that nobody withdrew it since. A row that disagrees raises an alarm.
 */
export async function isApproved(db: Kysely<Tables>, reportId: ReportId): Promise<boolean> {
  const events = await readEvents(db, { subject: reportId, types: [...APPROVES, "report.withdrawn"] })
  const last = events.at(-1)
  const row = await db.selectFrom("reports").select("approved_by").where("id", "=", reportId).executeTakeFirst()
  const by = last?.type === "report.automatic" ? null : last?.actor
  if (last !== undefined && APPROVES.includes(last.type) && row?.approved_by === by) return true
  authorityOf(db).distrust({ table: "reports", id: reportId })
  return false
}
