/**
 * Previews a report exactly as it would be sent, by the code that sends it.
 * @module
 */
import type { ReportPreview } from "@nightlight/contract/server"
import { type FileDetailsInput, writeFileDetails, writeReport } from "@nightlight/cybertipline"
import type { z } from "zod"
import type { FilingStep } from "../filing/steps.ts"
import type { ReportContent } from "../types.ts"

const NO_REPORT_ID = "REPORT-ID"
const NO_FILE_ID = "FILE-ID"

/**
 * Writes every document of a report.
 *
 * The report must be valid: `problemsOf` finds nothing in it.
 *
 * @param steps - Steps of its filing so far, for the ids of the last attempt.
 */
export function toPreview(
  { document, files }: ReportContent,
  steps: readonly FilingStep[],
): z.input<typeof ReportPreview> {
  const { reportId, fileIds } = givenIds(steps)
  const written = files.map(({ evidenceId, details }) => ({
    evidenceId,
    ...writeFileDetails({
      ...details,
      reportId: reportId ?? NO_REPORT_ID,
      fileId: fileIds.get(evidenceId) ?? NO_FILE_ID,
      // The draft's type no longer says that two of its members exclude each other; its validation does.
    } as FileDetailsInput),
  }))
  return {
    documents: [writeReport(document), ...written],
    idsGiven: reportId !== undefined && files.every(({ evidenceId }) => fileIds.has(evidenceId)),
  }
}

/** The ids that the CyberTipline gave in the last attempt. */
function givenIds(steps: readonly FilingStep[]): {
  readonly reportId: string | undefined
  readonly fileIds: ReadonlyMap<string, string>
} {
  const attempt = steps.at(-1)?.attempt
  let reportId: string | undefined
  const fileIds = new Map<string, string>()
  for (const { step, outcome, attempt: stepAttempt } of steps) {
    if (stepAttempt !== attempt || outcome?.kind !== "accepted") continue
    if (step.call === "open") reportId = outcome.remoteReportId
    if (step.call === "upload" && outcome.fileId !== undefined) fileIds.set(step.evidenceId, outcome.fileId)
  }
  return { reportId, fileIds }
}
