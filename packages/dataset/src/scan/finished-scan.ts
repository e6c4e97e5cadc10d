/**
 * Finished scans, which answer a repeated command.
 * @module
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs"
import { ScanReport } from "@nightlight/contract"
import { hasCode, IntegrityError, type Verifier } from "@nightlight/core"
import { readReceipts } from "./finish-shard.ts"
import type { ScanFolder } from "./scan-folder.ts"
import { readFindings } from "./summary.ts"

/**
 * Reads the report of a scan with nothing left to do; undefined where something is.
 *
 * @throws {IntegrityError} `receipt_untrusted` if a receipt, findings file or the report is not what was written.
 */
export function readFinished(folder: ScanFolder, verifier: Verifier): ScanReport | undefined {
  const report = readReport(folder)
  if (report?.state !== "complete" || !existsSync(folder.reportHtml)) return undefined
  const receipts = readReceipts(folder, verifier)
  if (receipts.size !== report.totals.shards) return undefined
  for (const receipt of receipts.values()) readFindings(folder, receipt)
  return report
}

/** Whether a scan's last run completed with no shard left, by the first lines of its report. */
export function isComplete({ reportJson }: ScanFolder): boolean {
  // A workspace may have thousands of scans, and each new one asks this about all of them.
  const head = Buffer.alloc(HEAD_BYTES)
  try {
    const file = openSync(reportJson, "r")
    try {
      readSync(file, head, 0, HEAD_BYTES, 0)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false
    throw error
  }
  return head.toString("latin1").includes('\n  "state": "complete",\n')
}

/** The state is among the first members of a report. */
const HEAD_BYTES = 256

/**
 * Reads the report that a scan's last run wrote; undefined before the first.
 *
 * @throws {IntegrityError} `receipt_untrusted` if it is not what a run writes.
 */
export function readReport(folder: ScanFolder): ScanReport | undefined {
  try {
    return ScanReport.parse(JSON.parse(readFileSync(folder.reportJson, "utf8")))
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw new IntegrityError("receipt_untrusted", "a scan's report in the workspace cannot be read", {
      hint: "Remove report.json: the same command makes it again from the receipts.",
    })
  }
}
