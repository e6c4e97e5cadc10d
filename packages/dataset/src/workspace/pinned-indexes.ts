import { readScanRecords } from "../scan/scan-records.ts"
import type { WorkspaceLayout } from "./layout.ts"

/** Names the index versions that some scan began with and may have to continue with. */
export function pinnedIndexVersions(layout: WorkspaceLayout): readonly number[] {
  return [...new Set(readScanRecords(layout.scans).map((record) => record.indexVersion))]
}
