/**
 * The main job: screens a dataset and writes its clean copy.
 * @module
 */
import type { ScanReport, ShardReceipt } from "@nightlight/contract"
import type { Isolation } from "@nightlight/core"
import type { Fingerprinter } from "@nightlight/screening"
import { reservationOf } from "../output/reservation.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { claimScan, withScan, writeReport } from "./claim-scan.ts"
import type { ScanContext } from "./context.ts"
import { decoderOptions } from "./create-context.ts"
import { readFinished } from "./finished-scan.ts"
import { planScan } from "./plan-scan.ts"
import { reconcile } from "./reconcile.ts"
import type { ScanJob, ScanRequest } from "./request.ts"
import { scanFolder } from "./scan-folder.ts"
import { type ScanWatcher, screenShards, type WorkOutcome } from "./screen-shards.ts"
import { StartingDecoder } from "./starting-decoder.ts"
import { buildReport, type FailedShard } from "./summary.ts"

/** The result of a scan, and where its documents are. */
export interface ScanResult {
  readonly report: ScanReport
  /** Absolute path of the scan's folder in the workspace. */
  readonly folder: string
}

/**
 * Screens a dataset, continuing where an earlier run of the same request was interrupted; for a finished one the report
 * is returned as it is, unless its source changed since: then only what is new or replaced is screened.
 *
 * The source is only read. Every shard is durable before it counts as done. A shard that changes while it is read is
 * planned again, at most {@link MAX_PLANS} times in all.
 *
 * @returns the scan's report, over all its runs.
 * @throws {RequestError} `input_invalid`, `not_found`, `output_conflict` or `state_conflict`.
 * @throws {DependencyError} `locked` if another process runs the same scan or writes to the output;
 * `decoder_unavailable`.
 */
export async function runScan(
  workspace: Workspace,
  request: ScanRequest,
  watcher: ScanWatcher,
  signal: AbortSignal,
): Promise<ScanResult> {
  const plan = await planScan(workspace, request, signal)
  await using decoder = new StartingDecoder()
  const startDecoder = () => decoder.start(decoderOptions({ workspace, request, plan, record: workspace.config.scan }))
  const { record, isFinished, isJoined, output } = await claimScan(workspace, request, plan, signal, startDecoder)
  await using _ = output
  const folder = scanFolder(workspace.layout.scans, record.scan)
  const done = isFinished ? readFinished(folder, workspace.verifier) : undefined
  if (done !== undefined) return { report: done, folder: folder.path }
  const isolation = isJoined ? (await decoder.opened)?.isolation : undefined
  const job: ScanJob = { workspace, request, plan, record, folder }
  return await withScan(folder, () => continueScan(job, { isolation, decoder: decoder.opened }, watcher, signal))
}

/** Plans of one run: the first, and those made because shards changed meanwhile. */
const MAX_PLANS = 3

/** What is only for a run's first plan: the others may have other folders to read. */
interface FirstPlan {
  readonly isolation: Isolation | undefined
  readonly decoder: Promise<Fingerprinter> | undefined
}

async function continueScan(
  first: ScanJob,
  { isolation, decoder }: FirstPlan,
  watcher: ScanWatcher,
  signal: AbortSignal,
): Promise<ScanResult> {
  let job = first
  let screened = 0
  for (let plans = 1; ; plans++) {
    const { record, receipts } = await reconcile(job, { isolation: plans === 1 ? isolation : undefined }, signal)
    job = { ...job, record }
    const isLastPlan = plans === MAX_PLANS
    const work = { receipts, screened, isLastPlan, decoder: plans === 1 ? decoder : undefined }
    const result = await screenPlan(job, work, watcher, signal)
    if (typeof result === "object") return result
    screened += result
    job = { ...job, plan: await planScan(job.workspace, job.request, signal) }
  }
}

interface PlanWork {
  readonly receipts: Map<string, ShardReceipt>
  /** Shards that this run screened before. */
  readonly screened: number
  /** Whether changed shards wait for another run. */
  readonly isLastPlan: boolean
  /** Started already. */
  readonly decoder: Promise<Fingerprinter> | undefined
}

/** Screens what is left of a plan; returns the number of screened shards where some changed and are to be planned again. */
async function screenPlan(
  job: ScanJob,
  { receipts, screened, isLastPlan, decoder }: PlanWork,
  watcher: ScanWatcher,
  signal: AbortSignal,
): Promise<ScanResult | number> {
  const { workspace, request, plan, record } = job
  const done = receipts.size
  const recordBegin = () =>
    workspace.record(done === 0 ? "scan.started" : "scan.continued", {
      scan: record.scan,
      shards: plan.shards.length,
      done,
      indexVersion: record.indexVersion,
    })
  const isAgain = ({ code }: FailedShard) => code === "source_changed" && !isLastPlan
  const told: ScanWatcher = {
    ...watcher,
    onShardFailed: (failed) => {
      if (!isAgain(failed)) watcher.onShardFailed?.(failed)
    },
  }
  const left = plan.shards.filter((shard) => !receipts.has(shard.id))
  const pending = request.limit === undefined ? left : left.slice(0, Math.max(0, request.limit - screened))
  return screenShards(job, { receipts, pending, recordBegin, decoder }, told, signal, async (context, outcome) => {
    if (!outcome.stopped && outcome.failed.length > 0 && outcome.failed.every(isAgain)) return receipts.size - done
    return concludeScan(context, workspace, { receipts: [...receipts.values()], ...outcome })
  })
}

/** Events of the log by the state in which a run left the scan. */
const END_EVENTS: Readonly<Record<ScanReport["state"], string>> = {
  complete: "scan.completed",
  partial: "scan.cut-short",
  stopped: "scan.stopped",
}

/** Writes a scan's report from its receipts, and records how the run ended. */
export async function concludeScan(
  context: ScanContext,
  workspace: Workspace,
  { receipts, failed, stopped }: WorkOutcome & { readonly receipts: readonly ShardReceipt[] },
): Promise<ScanResult> {
  const { record, folder } = context
  const report = buildReport(context, { receipts, failed, stopped, manifest: workspace.manifest })
  await workspace.record(END_EVENTS[report.state], {
    scan: record.scan,
    shards: receipts.length,
    failed: failed.length,
    known: report.inPlace.items,
  })
  if (report.state === "complete") await context.output?.release(reservationOf(context.keyed, record))
  await writeReport(folder, report)
  return { report, folder: folder.path }
}
