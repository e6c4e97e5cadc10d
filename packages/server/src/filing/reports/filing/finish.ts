/**
 * Writes the end of a filing into its report.
 * @module
 */
import { compact } from "@nightlight/core"
import type { EventTransaction } from "../../../platform/events/transact.ts"
import type { SealedReports } from "../content/sealed.ts"
import type { FinishedHook } from "../ports.ts"
import { patchReport } from "../store.ts"
import type { ReportId } from "../types.ts"
import type { Next } from "./steps.ts"

/** Dependencies of {@link writeFinished} and {@link writeHeld}. */
export interface EndDeps {
  readonly sealed: SealedReports
  readonly now: () => Date
  /** Called in order, in the transaction that finishes the report. */
  readonly finishedHooks: readonly FinishedHook[]
}

/** Records that the CyberTipline has the report, and runs the hooks. */
export async function writeFinished(
  { sealed, now, finishedHooks }: EndDeps,
  tx: EventTransaction,
  reportId: ReportId,
  remoteReportId: string,
): Promise<void> {
  const finishedAt = now()
  const report = await patchReport(
    tx.trx,
    reportId,
    { states: ["approved"] },
    {
      state: "finished",
      finished_at: finishedAt,
      remote_report_id: remoteReportId,
      lease_token: null,
      lease_until: null,
      next_try_at: null,
    },
  )
  const { caseId, environment } = report
  tx.record({ type: "report.finished", subject: reportId, data: { case: caseId, environment, remoteReportId } })
  const { files } = await sealed.openContent(tx.trx, report, report.content)
  const evidenceIds = files.map(({ evidenceId }) => evidenceId)
  for (const hook of finishedHooks) {
    await hook(tx, { reportId, caseId, environment, remoteReportId, evidenceIds, finishedAt })
  }
}

/** Stops filing until a person decides. */
export async function writeHeld(
  tx: EventTransaction,
  reportId: ReportId,
  { code, responseCode, remoteReportId }: Extract<Next, { do: "hold" }>,
): Promise<void> {
  await patchReport(
    tx.trx,
    reportId,
    { states: ["approved"] },
    compact({
      state: "held",
      held_code: code,
      held_response_code: responseCode ?? null,
      lease_token: null,
      lease_until: null,
      next_try_at: null,
      remote_report_id: remoteReportId,
    }),
  )
  tx.record({ type: "report.held", subject: reportId, data: { code, responseCode, remoteReportId } })
}
