/**
 * Problems that keep a report from being filed.
 * @module
 */
import { validateFileDetails, validateReport } from "@nightlight/cybertipline"
import type { ReportContent } from "../types.ts"

/** A problem of a report: a path of ours, and the code and message of the cybertipline model. */
export interface ReportProblemView {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** All problems of a report; empty if it may be filed. */
export function problemsOf({ document, files }: ReportContent, now: Date): readonly ReportProblemView[] {
  return [
    ...validateReport(document, { now }).map((problem) => below("document", problem)),
    ...files.flatMap(({ details }, position) =>
      // Stand-ins for the ids that the CyberTipline gives later.
      validateFileDetails({ reportId: "1", fileId: "0".repeat(32), ...details }, { now }).map((problem) =>
        below(`files[${position}]`, problem),
      ),
    ),
  ]
}

function below(root: string, { path, code, message }: ReportProblemView): ReportProblemView {
  return { path: path === "" ? root : `${root}.${path}`, code, message }
}
