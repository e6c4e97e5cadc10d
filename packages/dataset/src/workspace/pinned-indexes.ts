import { existsSync } from "node:fs"
import { join } from "node:path"
import { isComplete } from "../scan/finished-scan.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import { readScanRecords } from "../scan/scan-records.ts"
import type { WorkspaceLayout } from "./layout.ts"
import type { Workspace } from "./workspace.ts"

/** Names the index versions that an unfinished scan began with and has to continue with. */
export function pinnedIndexVersions({ scans }: WorkspaceLayout): readonly number[] {
  const unfinished = readScanRecords(scans).filter(({ scan }) => !isComplete(scanFolder(scans, scan)))
  return [...new Set(unfinished.map((record) => record.indexVersion))]
}

/**
 * Whether an index that a new record names is there for good: who imported a list while the record was written may have
 * given up what nothing needed until then, and is done with it once the index is theirs no more.
 */
export async function keepsIndexVersion(workspace: Workspace, version: number): Promise<boolean> {
  await workspace.refreshIndex()
  return hasIndexVersion(workspace.layout, version)
}

/** Whether an index is still there: removing a list destroys every one that holds it. */
export function hasIndexVersion({ index }: WorkspaceLayout, version: number): boolean {
  return existsSync(join(index, `v${String(version).padStart(6, "0")}`))
}
