/**
 * Reports as one feature of the server.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { Feature } from "../../platform/feature.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import type { FilingDeps } from "./filing/file-report.ts"
import { writeFinished, writeHeld } from "./filing/finish.ts"
import { fileReportJob, sweepReportsJob } from "./jobs/file-report.ts"
import { watchSinglePersonFilings } from "./jobs/watch-single-person-filings.ts"
import { manualFilingApproval } from "./manual/manual-filing.ts"
import type { FinishedHook, ReportDeps } from "./ports.ts"
import { type ReportRouteDeps, reportRoutes } from "./routes.ts"
import { readReport } from "./store.ts"

/** Dependencies of reports. */
export interface ReportFeatureDeps extends ReportDeps, ReportRouteDeps {
  readonly approvals: Pick<Approvals, "request" | "register">
  readonly alarms: Pick<Alarms, "raise">
  readonly custodian: FilingDeps["custodian"]
  readonly isPaused: FilingDeps["isPaused"]
  /** Raises an alarm for a person, in the transaction that holds a report. */
  readonly alarmHeld: (tx: Parameters<typeof writeHeld>[0], reportId: string, code: string) => Promise<void>
  readonly finishedHooks: readonly FinishedHook[]
  readonly retrySeconds: number
  readonly leaseSeconds: number
}

/** Converts the dependencies of the feature to those of filing. */
export function toFilingDeps(deps: ReportFeatureDeps): FilingDeps {
  const { db, clock, custodian, sealed, isPaused, retrySeconds, leaseSeconds } = deps
  return {
    db,
    clock,
    custodian,
    isPaused,
    retrySeconds,
    leaseSeconds,
    subjectOf: async (reportId) => {
      const report = await readReport(db, reportId)
      if (report?.proven === undefined) throw new IntegrityError("receipt_untrusted", "an approved report has no grant")
      const { grant, proofs } = await sealed.openGrant(db, report, report.proven)
      const content = await sealed.openContent(db, report, report.content)
      const { resumes, receiptAcceptedBy } = report
      return {
        proven: { grant, proofs },
        content,
        said: { resumes, isReceiptAccepted: receiptAcceptedBy !== undefined },
      }
    },
    sealAnswer: async ({ trx }, reportId, answer) => {
      const report = await readReport(trx, reportId)
      if (report === undefined) throw new IntegrityError("receipt_untrusted", "a report that is being filed is missing")
      return sealed.sealAnswer(trx, report, answer)
    },
    finishReport: (tx, reportId, remoteReportId) =>
      writeFinished(
        { sealed, now: () => clock.now(), finishedHooks: deps.finishedHooks },
        tx,
        reportId,
        remoteReportId,
      ),
    holdReport: async (tx, reportId, hold) => {
      await writeHeld(tx, reportId, hold)
      await deps.alarmHeld(tx, reportId, hold.code)
    },
  }
}

/** Creates the feature and registers the approval of manual filing. */
export function reportFeature(deps: ReportFeatureDeps): Feature {
  const filing = toFilingDeps(deps)
  deps.approvals.register(manualFilingApproval(deps))
  return {
    name: "reports",
    routes: (app) => reportRoutes(app, deps),
    jobs: [fileReportJob(filing), sweepReportsJob({ ...filing, jobs: deps.jobs }), watchSinglePersonFilings(deps)],
  }
}
