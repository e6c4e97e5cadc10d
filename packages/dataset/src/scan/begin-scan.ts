/**
 * Begins a scan, or makes one ready to be continued.
 * @module
 */
import { existsSync, readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { ensureDirPrivate, writeFileAtomic } from "@nightlight/durable"
import { namesIn } from "../names-in.ts"
import { keepsIndexVersion } from "../workspace/pinned-indexes.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { foldersOf, type ScanFolder, scanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"
import { scanIds } from "./scan-records.ts"
import type { WantedRecord } from "./wanted-record.ts"

/** Begins a scan under the next number. Run under the lock of a workspace's scans. */
export async function beginScan(workspace: Workspace, wanted: WantedRecord): Promise<ScanRecord> {
  const { scans } = workspace.layout
  const scan = nextScanId(scans)
  const folder = scanFolder(scans, scan)
  for (const path of foldersOf(folder)) await ensureDirPrivate(path)
  const record: ScanRecord = { ...wanted, scan, startedAt: wanted.plannedAt }
  // The record is written last: it makes the folder a scan.
  await writeFileAtomic(folder.policy, readFileSync(workspace.policyPath), 0o600)
  await writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`, 0o600)
  if (await keepsIndexVersion(workspace, record.indexVersion)) return record
  await rm(folder.record)
  return beginScan(workspace, await withFreshIndex(workspace, wanted))
}

/** The same request against the present lists. */
export async function withFreshIndex(workspace: Workspace, wanted: WantedRecord): Promise<WantedRecord> {
  return { ...wanted, indexVersion: await workspace.refreshIndex() }
}

/** Makes a finished scan unfinished, so that its index stays; false where the index is given up already. */
export async function reopen(workspace: Workspace, record: ScanRecord, { reportJson }: ScanFolder): Promise<boolean> {
  const report = readFileSync(reportJson)
  await rm(reportJson)
  if (await keepsIndexVersion(workspace, record.indexVersion)) return true
  await writeFileAtomic(reportJson, report, 0o600)
  return false
}

/** Replaces the digest where some shards were screened under other settings than the rest; no request matches it. */
const SEVERAL_SETTINGS = "several"

/**
 * A scan continues under today's settings, so that a withdrawn false positive hides nothing. The result of several
 * settings does not answer a request under one of them.
 */
export async function continueScan(
  record: ScanRecord,
  settingsDigest: string,
  folder: ScanFolder,
): Promise<ScanRecord> {
  if (record.settingsDigest === settingsDigest) return record
  const mixed = { ...record, settingsDigest: SEVERAL_SETTINGS }
  await writeFileAtomic(folder.record, `${JSON.stringify(mixed, null, 2)}\n`, 0o600)
  return mixed
}

/** A folder that a killed run created and never used is reused; each number is given once. */
function nextScanId(scans: string): string {
  const last = scanIds(scans).at(-1)
  if (last !== undefined && wasNeverBegun(scanFolder(scans, last))) return last
  return `s-${String(last === undefined ? 1 : Number(last.slice(2)) + 1).padStart(6, "0")}`
}

function wasNeverBegun({ record, receipts }: ScanFolder): boolean {
  return !existsSync(record) && namesIn(receipts).length === 0
}
