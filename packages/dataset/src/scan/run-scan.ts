/**
 * The main job: screens a dataset and writes its clean copy.
 * @module
 */
import type { ScanReport, ShardReceipt } from "@nightlight/contract"
import { RequestError } from "@nightlight/core"
import { planDataset } from "../plan/plan-dataset.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { claimScan, withScan, writeReport } from "./claim-scan.ts"
import type { ScanContext } from "./context.ts"
import { readReceipts } from "./finish-shard.ts"
import { readFinished } from "./finished-scan.ts"
import type { ScanJob, ScanRequest } from "./request.ts"
import { scanFolder } from "./scan-folder.ts"
import { type ScanWatcher, screenShards, type WorkOutcome } from "./screen-shards.ts"
import { buildReport } from "./summary.ts"

/** The result of a scan, and where its documents are. */
export interface ScanResult {
  readonly report: ScanReport
  /** Absolute path of the scan's folder in the workspace. */
  readonly folder: string
}

/**
 * Screens a dataset, continuing where an earlier run of the same request was interrupted; for a finished one the report
 * is returned as it is.
 *
 * The source is only read. Every shard is durable before it counts as done.
 *
 * @returns the scan's report, over all its runs.
 * @throws {RequestError} `input_invalid`, `not_found`, `output_conflict` or `state_conflict`.
 * @throws {DependencyError} `locked` if another process runs the same scan; `decoder_unavailable`.
 */
export async function runScan(
  workspace: Workspace,
  request: ScanRequest,
  watcher: ScanWatcher,
  signal: AbortSignal,
): Promise<ScanResult> {
  const plan = await planDataset(request.inputs, { exclude: [workspace.layout.root] }, signal)
  if (plan.shards.length === 0) {
    const hint = "The workspace itself is not read: name the dataset's own folder."
    throw new RequestError(
      "not_found",
      "there is nothing to screen in the input",
      plan.skipped.excluded ? { hint } : {},
    )
  }
  const record = await claimScan(workspace, request, plan)
  const folder = scanFolder(workspace.layout.scans, record.scan)
  const done = readFinished(folder, workspace.verifier)
  if (done !== undefined) return { report: done, folder: folder.path }
  return withScan(folder, () => continueScan({ workspace, request, plan, record, folder }, watcher, signal))
}

async function continueScan(job: ScanJob, watcher: ScanWatcher, signal: AbortSignal): Promise<ScanResult> {
  const { workspace, plan, record, folder } = job
  const receipts = new Map(readReceipts(folder, workspace.verifier))
  const done = receipts.size
  const recordBegin = () =>
    workspace.record(done === 0 ? "scan.started" : "scan.continued", {
      scan: record.scan,
      shards: plan.shards.length,
      done,
      indexVersion: record.indexVersion,
    })
  const pending = plan.shards.filter((shard) => !receipts.has(shard.id))
  return screenShards(job, { receipts, pending, recordBegin }, watcher, signal, (context, outcome) =>
    concludeScan(context, workspace, { receipts: [...receipts.values()], ...outcome }),
  )
}

/** Writes a scan's report from its receipts, and records how the run ended. */
export async function concludeScan(
  context: ScanContext,
  workspace: Workspace,
  { receipts, failed, stopped }: WorkOutcome & { readonly receipts: readonly ShardReceipt[] },
): Promise<ScanResult> {
  const { record, folder } = context
  const report = buildReport(context, { receipts, failed, stopped, manifest: workspace.manifest })
  await workspace.record(stopped ? "scan.stopped" : failed.length > 0 ? "scan.cut-short" : "scan.completed", {
    scan: record.scan,
    shards: receipts.length,
    failed: failed.length,
    known: report.inPlace.items,
  })
  await writeReport(folder, report)
  return { report, folder: folder.path }
}
