/**
 * Compares reports with what the log says of who drafted and approved them: their rows carry no code of their own.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"
import type { Rebuilt } from "./rebuild.ts"
import type { RowProblem } from "./row-problem.ts"

/** States that the log has an event of, with each; every other one is under way. */
const ENDS: readonly string[] = ["finished", "withdrawn", "by-hand"]
/** States in which nobody has approved a report yet. */
const UNAPPROVED: readonly string[] = ["draft", "proposed"]

/** The first report that the log does not know, of another case, approved by somebody else, or gone. */
export async function findReportProblem(db: Kysely<Tables>, log: Rebuilt): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("reports").select(["id", "case_id", "state", "approved_by"]).orderBy("id").execute()
  const seen = new Set<string>()
  for (const row of rows) {
    seen.add(row.id)
    const known = log.reports.get(row.id)
    const problem = (what: string): RowProblem => ({ table: "reports", id: row.id, what })
    if (known === undefined) return problem("unknown")
    if (known.caseId !== row.case_id) return problem("owner")
    if ((row.approved_by ?? undefined) !== known.approvedBy) return problem("approval")
    if ((ENDS.includes(row.state) ? row.state : undefined) !== known.end) return problem("state")
    if (known.end === undefined && UNAPPROVED.includes(row.state) === known.isApproved) return problem("approval")
  }
  const missing = [...log.reports.keys()].find((id) => !seen.has(id))
  return missing === undefined ? undefined : { table: "reports", id: missing, what: "missing" }
}
