/**
 * The main job: screens a dataset and writes its clean copy.
 * @module
 */
import type { ScanReport, ShardReceipt } from "@nightlight/contract"
import { DependencyError, type NightlightError, RequestError, ShardError } from "@nightlight/core"
import { openFingerprinter } from "@nightlight/screening"
import { planDataset } from "../plan/plan-dataset.ts"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { followShard } from "../progress.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { claimScan, withScan, writeReport } from "./claim-scan.ts"
import type { ScanContext } from "./context.ts"
import { createContext, decoderOptions, readForScan } from "./create-context.ts"
import { finishShard, readReceipts } from "./finish-shard.ts"
import { readFinished } from "./finished-scan.ts"
import { LoadingIndex } from "./loading-index.ts"
import type { ScanProgress } from "./progress.ts"
import type { ScanJob, ScanRequest } from "./request.ts"
import { scanFolder } from "./scan-folder.ts"
import { screenShard } from "./screen-shard.ts"
import { buildReport, type FailedShard } from "./summary.ts"

/** The result of a scan, and where its documents are. */
export interface ScanResult {
  readonly report: ScanReport
  /** Absolute path of the scan's folder in the workspace. */
  readonly folder: string
}

/** Receives a scan's plan and progress. */
export interface ScanWatcher {
  /** Called once, before the first shard; later calls get the same `progress` object. */
  onPlan?(plan: DatasetPlan, continued: number, progress: ScanProgress): void
  onProgress?(progress: ScanProgress): void
  onShardFailed?(failed: FailedShard): void
}

/** Shards in progress at once: while one is written, the next keeps the decoders busy. */
const SHARDS_AT_ONCE = 2

/** Failures of one shard that every other shard would have too, after hours of work. */
const FAILS_ALL: ReadonlySet<string> = new Set(["disk_full", "decoder_unavailable"])

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
  const { workspace, request, plan, record, folder } = job
  const receipts = new Map(readReceipts(folder, workspace.verifier))
  const pending = plan.shards.filter((shard) => !receipts.has(shard.id))
  // Children start, and work ahead, while everything else is read.
  const opening = openFingerprinter(decoderOptions(job))
  opening.catch(() => {})
  const reading = readForScan(job)
  reading.catch(() => {})
  await using index = new LoadingIndex(workspace.openIndex(record.indexVersion))
  await using decoder = await opening
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>()
  const context = createContext(job, { index, decoder, begun, ...(await reading) }, { receipts, pending })
  watcher.onPlan?.(plan, receipts.size, context.progress)
  // A failure that ends the run for one shard aborts the others, before decoder and lock are released.
  const broken = new AbortController()
  begun.catch((error: unknown) => broken.abort(error))
  const begin = async () => {
    await index.ready()
    await workspace.record(receipts.size === 0 ? "scan.started" : "scan.continued", {
      scan: record.scan,
      shards: plan.shards.length,
      done: receipts.size,
      indexVersion: record.indexVersion,
    })
  }
  begin().then(resolve, reject)

  const failed: FailedShard[] = []
  const isStopped = () => request.stopAfter !== undefined && exactMatches(receipts) >= request.stopAfter
  const mayGoOn = () => !isStopped() && !failed.some(({ code }) => FAILS_ALL.has(code))
  const stop = AbortSignal.any([signal, broken.signal])
  // Shards that describe others are written when the results of those are known.
  for (const round of [pending.filter((shard) => !shard.last), pending.filter((shard) => shard.last)]) {
    // A table needs the results of all others, in this run or in the next.
    if (failed.length > 0) break
    const queue = [...round]
    const work = async (): Promise<void> => {
      for (let shard = queue.shift(); shard !== undefined && mayGoOn(); shard = queue.shift()) {
        const failure = await screenAndFinish(context, shard, receipts, stop)
        if (failure !== undefined) {
          failed.push(failure)
          watcher.onShardFailed?.(failure)
        }
        watcher.onProgress?.(context.progress)
      }
    }
    await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, () => work().catch((error) => broken.abort(error))))
    await Promise.allSettled([begun])
    broken.signal.throwIfAborted()
  }
  await begun

  const stopped = isStopped() && receipts.size + failed.length < plan.shards.length
  const report = buildReport(context, {
    receipts: [...receipts.values()],
    failed,
    stopped,
    manifest: workspace.manifest,
  })
  await workspace.record(stopped ? "scan.stopped" : failed.length > 0 ? "scan.cut-short" : "scan.completed", {
    scan: record.scan,
    shards: receipts.size,
    failed: failed.length,
    known: report.inPlace.items,
  })
  await writeReport(folder, report)
  return { report, folder: folder.path }
}

function exactMatches(receipts: ReadonlyMap<string, ShardReceipt>): number {
  return sum([...receipts.values()].map((receipt) => receipt.exactTrusted))
}

async function screenAndFinish(
  context: ScanContext,
  shard: ShardPlan,
  receipts: Map<string, ShardReceipt>,
  signal: AbortSignal,
): Promise<FailedShard | undefined> {
  const startedAt = context.clock.now()
  const progress = followShard(context.progress, shard.sizeBytes)
  try {
    const outcome = await screenShard(context, shard, progress, signal)
    await context.begun
    receipts.set(shard.id, await finishShard(context, shard, { outcome, startedAt }, signal))
    return undefined
  } catch (error) {
    if (!(error instanceof DependencyError || error instanceof ShardError)) throw error
    return { path: shard.path, code: error.code, message: error.message, hint: hintOf(error) }
  } finally {
    progress.finish()
  }
}

function hintOf(error: NightlightError): string {
  return error.hint ?? "Correct the fault and run the same command again; finished shards are not done twice."
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
