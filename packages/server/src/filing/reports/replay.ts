import type { EventTransaction } from "../../platform/events/transact.ts"
import { patchReport, readReport } from "./store.ts"
import type { ReportId } from "./types.ts"

/**
 * Withdraws a report again that a restored database brought back.
 *
 * @returns Whether it is withdrawn now, or unknown here; `false` for one that was approved or held: a person must check
 *   whether its filing has begun.
 */
export async function withdrawReportAgain({ trx, record }: EventTransaction, reportId: string): Promise<boolean> {
  const id = reportId as ReportId
  const head = await readReport(trx, id, true)
  if (head === undefined || head.state === "withdrawn") return true
  if (head.state !== "draft" && head.state !== "proposed") return false
  await patchReport(trx, id, { states: ["draft", "proposed"] }, { state: "withdrawn" })
  record({ type: "report.withdrawn", subject: reportId })
  return true
}
