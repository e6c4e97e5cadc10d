import { existsSync } from "node:fs"
import { join } from "node:path"
import { isComplete } from "../scan/finished-scan.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import { readScanRecords } from "../scan/scan-records.ts"
import type { WorkspaceLayout } from "./layout.ts"
import type { Workspace } from "./workspace.ts"

/** Index versions that an unfinished scan began with and must continue with. */
export function pinnedIndexVersions({ scans }: WorkspaceLayout): readonly number[] {
  const unfinished = readScanRecords(scans).filter(({ scan }) => !isComplete(scanFolder(scans, scan)))
  return [...new Set(unfinished.map((record) => record.indexVersion))]
}

/**
 * Whether an index named by a new record will stay: an import that runs while the record is written may have given the
 * index up, and has finished with it once it no longer holds it.
 */
export async function keepsIndexVersion(workspace: Workspace, version: number): Promise<boolean> {
  await workspace.refreshIndex()
  return hasIndexVersion(workspace.layout, version)
}

/** Whether an index still exists: removing a list destroys every index that contains it. */
export function hasIndexVersion({ index }: WorkspaceLayout, version: number): boolean {
  return existsSync(join(index, `v${String(version).padStart(6, "0")}`))
}
