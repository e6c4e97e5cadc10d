/**
 * A person's decision about a report whose filing waits or is held: withdraw it, or let it go on.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import type { HoldCode } from "../../../platform/db/tables/filing.ts"
import { transact } from "../../../platform/events/transact.ts"
import { FILE_REPORT, type ReportDeps } from "../ports.ts"
import { patchReport, type ReportHead, readReportOrThrow } from "../store.ts"
import type { ReportId } from "../types.ts"
import { readSteps } from "./filing-store.ts"

/** Holds of a report that the CyberTipline has, or may have. */
const MAYBE_FILED: readonly (string | undefined)[] = ["undecided", "receipt-differs"] satisfies HoldCode[]

/**
 * Withdraws a report.
 *
 * @throws {RequestError} `state_conflict` if its filing has begun, or it was or may have been filed.
 */
export function withdraw(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
  version: number,
): Promise<ReportHead> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    const head = await readReportOrThrow(trx, reportId)
    if (head.state === "held" && MAYBE_FILED.includes(head.heldCode)) {
      throw new RequestError("state_conflict", "this report was filed, or may have been: resume it first")
    }
    const patched = await patchReport(
      trx,
      reportId,
      { states: ["draft", "proposed", "approved", "held"], version },
      { state: "withdrawn" },
    )
    // The row is locked now: a worker that starts later finds it withdrawn, and one that has started was faster.
    if (head.state === "approved" && (await readSteps(trx, reportId)).length > 0) {
      throw new RequestError("state_conflict", "the filing has begun: it will finish, or be held for a person")
    }
    record({ type: "report.withdrawn", subject: reportId })
    return patched
  })
}

/**
 * Queues a held filing again. Of a report held for a receipt that differs, the actor thereby accepts the receipt.
 *
 * @throws {RequestError} `state_conflict` unless the report is held.
 */
export function resume(deps: ReportDeps, actor: PersonActor, reportId: ReportId, version: number): Promise<ReportHead> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    const head = await readReportOrThrow(trx, reportId)
    const patched = await patchReport(
      trx,
      reportId,
      { states: ["held"], version },
      compact({
        state: "approved",
        resumes: head.resumes + 1,
        held_code: null,
        held_response_code: null,
        next_try_at: null,
        lease_token: null,
        lease_until: null,
        receipt_accepted_by: head.heldCode === "receipt-differs" ? actor.id : undefined,
      }),
    )
    const data = { resumes: patched.resumes, acceptedReceipt: head.heldCode === "receipt-differs" }
    record({ type: "report.resumed", subject: reportId, data })
    await deps.jobs.enqueue(trx, FILE_REPORT, { reportId })
    return patched
  })
}
