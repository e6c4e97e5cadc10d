/**
 * What keeps a report from being filed as it stands.
 * @module
 */
import { validateFileDetails, validateReport } from "@nightlight/cybertipline"
import type { ReportContent } from "../types.ts"

/** What is wrong with a report: a path of ours, and the cybertipline model's code and words. */
export interface ReportProblemView {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** Everything that is wrong with a report as it stands; empty if it may be filed. */
export function problemsOf({ document, files }: ReportContent, now: Date): readonly ReportProblemView[] {
  return [
    ...validateReport(document, { now }).map((problem) => at("document", problem)),
    ...files.flatMap(({ details }, position) =>
      // Ids that the CyberTipline gives later: any of their form stand in for them here.
      validateFileDetails({ reportId: "1", fileId: "0".repeat(32), ...details }, { now }).map((problem) =>
        at(`files[${position}]`, problem),
      ),
    ),
  ]
}

function at(root: string, { path, code, message }: ReportProblemView): ReportProblemView {
  return { path: path === "" ? root : `${root}.${path}`, code, message }
}
