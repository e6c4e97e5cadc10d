/**
 * Files approved reports: each after its approval, and all due ones each minute.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import { transact } from "../../../platform/events/transact.ts"
import { everyMinute, type JobDefinition, type Jobs } from "../../../platform/jobs/job.ts"
import { type FilingDeps, fileReport } from "../filing/file-report.ts"
import { FILE_REPORT } from "../ports.ts"
import { dueToFile } from "../store.ts"
import type { ReportId } from "../types.ts"

const Payload = z.strictObject({ reportId: z.string() })
const SWEEP_LIMIT = 200

/** Files one report as far as possible now. The sweep continues those that must wait. */
export function fileReportJob(deps: FilingDeps): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: FILE_REPORT,
    payload: Payload,
    tries: 3,
    retryDelaySeconds: 5,
    expireSeconds: 3600,
    concurrency: 2,
    run: async ({ reportId }, signal) => {
      await fileReport(deps, reportId as ReportId, signal)
    },
  }
}

/** Queues every report whose wait is over, so that none is forgotten after a crash, an outage or a restart. */
export function sweepReportsJob(deps: FilingDeps & { readonly jobs: Jobs }): JobDefinition<Record<string, never>> {
  return everyMinute("sweep-reports", async () => {
    const due = await dueToFile(deps.db, deps.clock.now(), SWEEP_LIMIT)
    await transact(deps, "system-sweep", async ({ trx }) => {
      for (const reportId of due) await deps.jobs.enqueue(trx, FILE_REPORT, { reportId }, { singletonKey: reportId })
    })
  })
}

/** Narrows an id from a path. @throws {RequestError} `not_found` if it is none. */
export function toReportId(text: string): ReportId {
  if (!/^report-[0-9a-f-]{36}$/.test(text)) throw new RequestError("not_found", "there is no such report")
  return text as ReportId
}
