/**
 * Lists the scans of a workspace.
 * @module
 */
import { readFileSync } from "node:fs"
import { hasCode } from "@nightlight/core"
import { namesIn } from "../names-in.ts"
import { scanFolder } from "./scan-folder.ts"
import { parseScanRecord, type ScanRecord } from "./scan-record.ts"

/** Reads the records of a workspace's scans, oldest first; folders without a record are skipped. */
export function readScanRecords(scans: string): readonly ScanRecord[] {
  return scanIds(scans).flatMap((scan) => {
    try {
      return [parseScanRecord(readFileSync(scanFolder(scans, scan).record, "utf8"))]
    } catch (error) {
      if (hasCode(error, "ENOENT")) return []
      throw error
    }
  })
}

/** Ids of a workspace's scans, oldest first; empty where there is no folder of scans yet. */
export function scanIds(scans: string): readonly string[] {
  return namesIn(scans)
    .filter((name) => /^s-\d{6}$/.test(name))
    .sort()
}
