/**
 * Finds the scan that a request continues, or begins a new one.
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { ScanReport } from "@nightlight/contract"
import { canonicalJson, compact, DependencyError, hasCode, RequestError } from "@nightlight/core"
import { canonicalDigest, ensureDirPrivate, removeStaleTemps, withLock, writeFileAtomic } from "@nightlight/durable"
import { assertOutputApart } from "../output/folder.ts"
import type { DatasetPlan } from "../plan/types.ts"
import type { PlannedSource } from "../readers/listing.ts"
import { renderReport } from "../report/render-report.ts"
import { pairKey, readFalsePositiveLines } from "../workspace/false-positives.ts"
import { hasIndexVersion, keepsIndexVersion } from "../workspace/pinned-indexes.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { readReceipts } from "./finish-shard.ts"
import { isComplete } from "./finished-scan.ts"
import { countBy } from "./preview-scan.ts"
import type { ScanRequest } from "./request.ts"
import { type ScanFolder, scanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"
import { readScanRecords, scanIds } from "./scan-records.ts"

/** Waiting for a scan that another process runs could take hours, so the second process reports it instead. */
const NO_WAIT = { timeoutMs: 0 }

/**
 * Runs an action on a scan while no other process of this machine works on it.
 *
 * @throws {DependencyError} `locked` if another process does.
 */
export async function withScan<T>(folder: ScanFolder, action: () => Promise<T>): Promise<T> {
  let isHeld = false
  const held = async () => {
    isHeld = true
    // Removes what a killed run was writing.
    for (const path of [folder.path, folder.receipts, folder.sidecars, folder.findings]) await removeStaleTemps(path)
    return await action()
  }
  return withLock(join(folder.path, "lock"), held, NO_WAIT).catch((error: unknown) => {
    if (isHeld || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another process works on this scan", {
      hint: "Wait for it, or stop it: the same command continues where it was.",
    })
  })
}

/**
 * Finds the scan that a request continues, or begins one.
 *
 * An interrupted scan continues with the lists and the policy it began with. The same request over the same source,
 * lists and policy as a finished scan claims that scan, so that repeating a command is always safe.
 *
 * @throws {RequestError} `output_conflict` if the output contains something else, or lies in or around the source or
 * the workspace; `state_conflict` if the source changed, or a list was removed, during an unfinished scan.
 */
export async function claimScan(workspace: Workspace, request: ScanRequest, plan: DatasetPlan): Promise<ScanRecord> {
  const { scans } = workspace.layout
  await ensureDirPrivate(scans)
  // Two scans that begin at once must not take one number.
  return withLock(join(scans, "lock"), () => findOrBegin(workspace, request, plan))
}

async function findOrBegin(workspace: Workspace, request: ScanRequest, plan: DatasetPlan): Promise<ScanRecord> {
  const { scans } = workspace.layout
  const out = request.out === undefined ? undefined : resolve(request.out)
  if (out !== undefined) assertOutputApart([...plan.sources, ...partsOf(workspace)], out)
  const wanted = await wantedRecord(workspace, request, plan, out)
  const isDone = (record: ScanRecord) => isComplete(scanFolder(scans, record.scan))
  const canContinue = (record: ScanRecord) => isDone(record) || hasIndexVersion(workspace.layout, record.indexVersion)
  const earlier = earlierScans(workspace, plan, out)
  const same = earlier.findLast((record) => record.root === plan.root && isSameRequest(record, wanted, isDone(record)))
  if (same !== undefined && isDone(same)) return same
  if (same !== undefined && canContinue(same))
    return continueScan(same, wanted.settingsDigest, scanFolder(scans, same.scan))

  const unfinished = earlier.findLast((record) => !isDone(record))
  if (unfinished !== undefined && out !== undefined) {
    const changed = canContinue(unfinished)
      ? unfinished.root === plan.root && unfinished.planDigest === wanted.planDigest
        ? "options"
        : "source"
      : "lists it was to be screened against"
    throw new RequestError("state_conflict", `the ${changed} changed since ${unfinished.scan} was cut off`, {
      hint: "Choose another --out to screen it again, or restore what it began with and run the same command.",
    })
  }
  if (out !== undefined && !isEmpty(out)) {
    throw new RequestError("output_conflict", "the output folder is not empty and is not this scan's", {
      hint: "A clean copy needs a folder of its own: choose a new one for --out.",
    })
  }
  const scan = nextScanId(scans)
  const folder = scanFolder(scans, scan)
  for (const path of [folder.path, folder.receipts, folder.sidecars, folder.findings]) await ensureDirPrivate(path)
  const record: ScanRecord = { ...wanted, scan, startedAt: workspace.clock.now().toISOString() }
  // The record is written last: it makes the folder a scan.
  await writeFileAtomic(folder.policy, readFileSync(workspace.policyPath), 0o600)
  await writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`, 0o600)
  if (await keepsIndexVersion(workspace, record.indexVersion)) return record
  await rm(folder.record)
  return findOrBegin(workspace, request, plan)
}

/** Replaces the digest where some shards were screened under other settings than the rest; no request matches it. */
const SEVERAL_SETTINGS = "several"

/**
 * A scan continues under today's settings, so that a withdrawn false positive hides nothing. The result of several
 * settings does not answer a request under one of them.
 */
async function continueScan(record: ScanRecord, settingsDigest: string, folder: ScanFolder): Promise<ScanRecord> {
  if (record.settingsDigest === settingsDigest) return record
  const mixed = { ...record, settingsDigest: SEVERAL_SETTINGS }
  await writeFileAtomic(folder.record, `${JSON.stringify(mixed, null, 2)}\n`, 0o600)
  return mixed
}

/**
 * The scans that a request may continue or conflict with: without an output, those of the same source. An output
 * belongs to the latest scan for it, which may not have written to it yet. A scan whose clean copy was removed, or
 * whose output another scan uses, no longer counts.
 */
function earlierScans(workspace: Workspace, plan: DatasetPlan, out: string | undefined): readonly ScanRecord[] {
  const records = readScanRecords(workspace.layout.scans).filter((record) => record.out === out)
  if (out === undefined) return records.filter(({ root }) => root === plan.root)
  return records.slice(-1).filter((record) => !isCopyGone(workspace, record))
}

/** A clean copy may lie beside the parts of a workspace, in its folder, but not in or around one of them. */
function partsOf({ layout }: Workspace): PlannedSource[] {
  const { keys, lists, index, evidence, audit, scans, hunts, purges } = layout
  return [keys, lists, index, evidence, audit, scans, hunts, purges].map((path) => ({ kind: "folder", path }))
}

async function wantedRecord(
  workspace: Workspace,
  request: ScanRequest,
  plan: DatasetPlan,
  out: string | undefined,
): Promise<Omit<ScanRecord, "scan" | "startedAt">> {
  const policy = await workspace.readPolicy()
  const { profile, kernel, keepOrientations } = workspace.config.scan
  return {
    version: 1,
    inputs: [...request.inputs],
    sources: plan.sources.map(({ path }) => path),
    root: plan.root,
    ...compact({ out }),
    indexVersion: await workspace.refreshIndex(),
    policyName: policy.name,
    policyDigest: policy.digest,
    settingsDigest: await settingsDigest(workspace),
    planDigest: planDigest(plan),
    profile,
    kernel,
    keepOrientations: request.keepOrientations ?? keepOrientations,
    demo: request.demo ?? false,
    skipped: countBy(plan.strays.map((stray) => stray.code)),
  }
}

async function settingsDigest({ config, layout, verifier }: Workspace): Promise<string> {
  const falsePositives = (await readFalsePositiveLines(layout.falsePositives, verifier)).map(pairKey).sort()
  const settings = { custody: config.custody.mode, limits: { ...config.scan.limits }, falsePositives }
  return canonicalDigest(settings)
}

/** Whether a request equals that of an earlier scan; an unfinished one continues with its own lists and policy. */
function isSameRequest(record: ScanRecord, wanted: Omit<ScanRecord, "scan" | "startedAt">, isDone: boolean): boolean {
  const requestOf = (record: Omit<ScanRecord, "scan" | "startedAt">) =>
    canonicalJson(
      compact({
        planDigest: record.planDigest,
        profile: record.profile,
        kernel: record.kernel,
        keepOrientations: record.keepOrientations,
        demo: record.demo,
        indexVersion: isDone ? record.indexVersion : undefined,
        policyDigest: isDone ? record.policyDigest : undefined,
        settingsDigest: isDone ? record.settingsDigest : undefined,
      }),
    )
  return requestOf(record) === requestOf(wanted)
}

/** Writes the pages about a scan; `report.json` comes last and shows that both exist. */
export async function writeReport(folder: ScanFolder, report: ScanReport): Promise<void> {
  await writeFileAtomic(folder.reportHtml, renderReport(report), 0o600)
  await writeFileAtomic(folder.reportJson, `${JSON.stringify(report, null, 2)}\n`, 0o600)
}

/** Whether a scan wrote a clean copy that is not there any more. */
function isCopyGone({ layout, verifier }: Workspace, { scan, out }: ScanRecord): boolean {
  if (out === undefined || !isEmpty(out)) return false
  const receipts = readReceipts(scanFolder(layout.scans, scan), verifier)
  return [...receipts.values()].some(({ clean }) => (clean?.itemsWritten ?? 0) > 0)
}

function planDigest(plan: DatasetPlan): string {
  const shards = plan.shards.map(({ id, kind, path, sizeBytes, listingDigest }) => ({
    id,
    kind,
    path,
    sizeBytes,
    listingDigest,
  }))
  return canonicalDigest(shards)
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true
    if (hasCode(error, "ENOTDIR")) throw new RequestError("output_conflict", "the output is not a folder")
    throw error
  }
}

/** A folder that a killed run created and never used is reused; each number is given once. */
function nextScanId(scans: string): string {
  const last = scanIds(scans).at(-1)
  if (last !== undefined && wasNeverBegun(scanFolder(scans, last))) return last
  return `s-${String(last === undefined ? 1 : Number(last.slice(2)) + 1).padStart(6, "0")}`
}

function wasNeverBegun({ record, receipts }: ScanFolder): boolean {
  return !existsSync(record) && (!existsSync(receipts) || isEmpty(receipts))
}
