/**
 * Compares reports with what the log says of who drafted and approved them: their rows carry no code of their own.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { Tables } from "../db/tables.ts"
import type { Rebuilt, RebuiltReport } from "./rebuild.ts"
import type { RowProblem } from "./row-problem.ts"

/** States that the log has an event of, with each; every other one is under way. */
const ENDS: readonly string[] = ["finished", "withdrawn", "by-hand"]
/** States in which nobody has approved a report yet. */
const UNAPPROVED: readonly string[] = ["draft", "proposed"]

const PAGE = 2_000

/** The first report that the log does not know, of another case, approved by somebody else, or gone. */
export async function findReportProblem(db: Kysely<Tables>, log: Rebuilt): Promise<RowProblem | undefined> {
  const seen = new Set<string>()
  for (let after = ""; ; ) {
    const rows = await db
      .selectFrom("reports")
      .select(["id", "case_id", "state", "approved_by", "environment", "remote_report_id", "sole_reviewed_by"])
      .where("id", ">", after)
      .orderBy("id")
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      seen.add(row.id)
      const what = differenceOf(row, log.reports.get(row.id))
      if (what !== undefined) return { table: "reports", id: row.id, what }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) break
    after = last.id
  }
  const missing = [...log.reports.keys()].find((id) => !seen.has(id))
  return missing === undefined ? undefined : { table: "reports", id: missing, what: "missing" }
}

type Row = Pick<
  Selectable<Tables["reports"]>,
  "case_id" | "state" | "approved_by" | "environment" | "remote_report_id" | "sole_reviewed_by"
>

function differenceOf(row: Row, known: RebuiltReport | undefined): string | undefined {
  if (known === undefined) return "unknown"
  if (known.caseId !== row.case_id) return "owner"
  if ((row.approved_by ?? undefined) !== known.approvedBy) return "approval"
  if ((ENDS.includes(row.state) ? row.state : undefined) !== known.end) return "state"
  const { filed } = known
  if (filed !== undefined) {
    const isSame = row.environment === filed.environment && row.remote_report_id === filed.remoteReportId
    if (!isSame) return "state"
  }
  if ((row.sole_reviewed_by ?? undefined) !== known.reviewedBy) return "approval"
  if (known.end === undefined && UNAPPROVED.includes(row.state) === known.isApproved) return "approval"
  return undefined
}
