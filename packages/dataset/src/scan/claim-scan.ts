/**
 * Finds the scan that a request continues, or begins a new one.
 * @module
 */

import { join } from "node:path"
import type { ScanReport } from "@nightlight/contract"
import { DependencyError, hasCode, RequestError } from "@nightlight/core"
import { ensureDirPrivate, removeStaleTemps, withLock, writeFileAtomic } from "@nightlight/durable"
import type { OutputPlace } from "../output/output.ts"
import { assertApart, outputAt, resolveOutput } from "../output/output-at.ts"
import type { DatasetPlan } from "../plan/types.ts"
import type { PlannedSource } from "../readers/listing.ts"
import { renderReport } from "../report/render-report.ts"
import { hasIndexVersion } from "../workspace/pinned-indexes.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { beginScan, continueScan, reopen, withFreshIndex } from "./begin-scan.ts"
import { covers, type EarlierScan, earlierScans } from "./earlier-scans.ts"
import { isCopyWhole } from "./reconcile.ts"
import type { ScanRequest } from "./request.ts"
import { foldersOf, type ScanFolder, scanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"
import { isSameRequest, isUnchanged, type WantedRecord, wantedRecord } from "./wanted-record.ts"

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
    for (const path of foldersOf(folder)) await removeStaleTemps(path)
    return await action()
  }
  return withLock(join(folder.path, "lock"), held, NO_WAIT).catch((error: unknown) => {
    if (isHeld || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another process works on this scan", {
      hint: "Wait for it, or stop it: the same command continues where it was.",
    })
  })
}

/** The scan of a request. */
export interface ClaimedScan {
  readonly record: ScanRecord
  /** Whether there is nothing to do. */
  readonly isFinished: boolean
  /** Whether the scan was finished before its source changed. */
  readonly isJoined: boolean
  /** Present where the scan writes a clean copy and is not finished; the caller disposes of it. */
  readonly output: AsyncDisposable | undefined
}

/**
 * Finds the scan that a request continues, or begins one.
 *
 * An interrupted scan continues with the lists and the policy it began with. The same request over the same source,
 * lists and policy as a finished scan claims that scan, so that repeating a command is always safe; where the source
 * changed since, or files of the clean copy, the scan continues with what is new.
 *
 * @param onUnfinished - Called once no finished scan answers the request, before its scan is begun or continued. That
 * scan has the profile and the kernel of the workspace's configuration.
 * @throws {RequestError} `output_conflict` if the output contains something else, or lies in or around the source or
 * the workspace; `state_conflict` if other options were given, or a list was removed, during an unfinished scan.
 * @throws {DependencyError} `locked` if another scan writes to the output.
 */
export async function claimScan(
  workspace: Workspace,
  request: ScanRequest,
  plan: DatasetPlan,
  signal: AbortSignal,
  onUnfinished: () => void = () => {},
): Promise<ClaimedScan> {
  const { scans } = workspace.layout
  await ensureDirPrivate(scans)
  // Two scans that begin at once must not take one number.
  return withLock(join(scans, "lock"), () => findOrBegin(workspace, request, plan, signal, onUnfinished))
}

async function findOrBegin(
  workspace: Workspace,
  request: ScanRequest,
  plan: DatasetPlan,
  signal: AbortSignal,
  onUnfinished: () => void,
): Promise<ClaimedScan> {
  const out = request.out === undefined ? undefined : resolveOutput(request.out)
  if (out !== undefined) assertApart([...plan.sources, ...partsOf(workspace)], out)
  const wanted = await wantedRecord(workspace, request, plan, out)
  const record = (await earlierScans(workspace, wanted, signal)).findLast(
    (earlier) => earlier.isDone && isUnchanged(earlier.record, wanted),
  )?.record
  if (record !== undefined) {
    const folder = scanFolder(workspace.layout.scans, record.scan)
    if (await isCopyWhole({ workspace, record, folder }, signal)) {
      if (out !== undefined) await (await outputAt(out, workspace)).removeLeftClaim()
      return { record, isFinished: true, isJoined: false, output: undefined }
    }
  }
  onUnfinished()
  const place = out === undefined ? undefined : await outputAt(out, workspace)
  const output = await place?.claim()
  try {
    // Only now: what the output held before may have been another scan's.
    const earlier = await earlierScans(workspace, wanted, signal)
    const found = await joinOrBegin(workspace, wanted, { earlier, place })
    return { ...found, isFinished: false, output }
  } catch (error) {
    await output?.[Symbol.asyncDispose]()
    throw error
  }
}

async function joinOrBegin(
  workspace: Workspace,
  wanted: WantedRecord,
  { earlier, place }: { readonly earlier: readonly EarlierScan[]; readonly place: OutputPlace | undefined },
): Promise<Pick<ClaimedScan, "record" | "isJoined">> {
  const { scans } = workspace.layout
  const { out } = wanted
  const canContinue = ({ record, isDone }: EarlierScan) =>
    isDone || hasIndexVersion(workspace.layout, record.indexVersion)
  const same = earlier.findLast(({ record, isDone }) => isSameRequest(record, wanted, isDone) && covers(wanted, record))
  if (same !== undefined && canContinue(same)) {
    const { record, isDone } = same
    const folder = scanFolder(scans, record.scan)
    if (!isDone) return { record: await continueScan(record, wanted.settingsDigest, folder), isJoined: false }
    if (await reopen(workspace, record, folder)) return { record, isJoined: true }
    return joinOrBegin(workspace, await withFreshIndex(workspace, wanted), { earlier, place })
  }
  const unfinished = earlier.findLast(({ isDone }) => !isDone)
  if (unfinished !== undefined && out !== undefined) {
    const changed = canContinue(unfinished)
      ? isSameRequest(unfinished.record, wanted, false)
        ? "input"
        : "options"
      : "lists it was to be screened against"
    throw new RequestError("state_conflict", `the ${changed} changed since ${unfinished.record.scan} was cut off`, {
      hint: "Choose another --out to screen it again, or restore what it began with and run the same command.",
    })
  }
  if (place !== undefined && !(await place.isEmpty())) {
    throw new RequestError("output_conflict", "the output folder is not empty and is not this scan's", {
      hint: "A clean copy needs a folder of its own: choose a new one for --out.",
    })
  }
  return { record: await beginScan(workspace, wanted), isJoined: false }
}

/** A clean copy may lie beside the parts of a workspace, in its folder, but not in or around one of them. */
function partsOf({ layout }: Workspace): PlannedSource[] {
  const { keys, lists, index, evidence, audit, scans, hunts, purges } = layout
  return [keys, lists, index, evidence, audit, scans, hunts, purges].map((path) => ({ kind: "folder", path }))
}

/** Writes the pages about a scan; `report.json` comes last and shows that both exist. */
export async function writeReport(folder: ScanFolder, report: ScanReport): Promise<void> {
  await writeFileAtomic(folder.reportHtml, renderReport(report), 0o600)
  await writeFileAtomic(folder.reportJson, `${JSON.stringify(report, null, 2)}\n`, 0o600)
}
