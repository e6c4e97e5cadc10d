/**
 * Screens the shards of a scan that have no receipt yet.
 * @module
 */
import { addAbortListener } from "node:events"
import type { ShardReceipt } from "@nightlight/contract"
import { DependencyError, type NightlightError, ShardError } from "@nightlight/core"
import { type Fingerprinter, openFingerprinter } from "@nightlight/screening"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { followShard } from "../progress.ts"
import type { ScanContext } from "./context.ts"
import { createContext, decoderOptions, readForScan } from "./create-context.ts"
import { finishShard } from "./finish-shard.ts"
import { LoadingIndex } from "./loading-index.ts"
import type { ScanProgress } from "./progress.ts"
import type { ScanJob } from "./request.ts"
import { screenShard } from "./screen-shard.ts"
import type { FailedShard } from "./summary.ts"

/** Receives a scan's plan and progress. */
export interface ScanWatcher {
  /**
   * Called before the first shard, and again where changed shards are planned again; later calls of the other methods get
   * the same `progress` object.
   */
  onPlan?(plan: DatasetPlan, continued: number, progress: ScanProgress): void
  onProgress?(progress: ScanProgress): void
  onShardFailed?(failed: FailedShard): void
}

/** The shards to screen. */
export interface ShardWork {
  /** Receipts of shards that are done; those of this work are added. */
  readonly receipts: Map<string, ShardReceipt>
  readonly pending: readonly ShardPlan[]
  /** Records in the log that the work begins; called once the index is read. */
  readonly recordBegin: () => Promise<void>
  /** Its decoder, where that was started already; it is disposed of with the work. */
  readonly decoder?: Promise<Fingerprinter> | undefined
  /** Runs the work on one shard, for example under a lock; returns its receipt. */
  readonly around?: (shard: ShardPlan, work: () => Promise<ShardReceipt>) => Promise<ShardReceipt>
}

/** What came of it. */
export interface WorkOutcome {
  readonly failed: readonly FailedShard[]
  /** Whether `stopAfter` ended it with shards left. */
  readonly stopped: boolean
}

/** Shards in progress at once: while one is written, the next keeps the decoders busy. */
const SHARDS_AT_ONCE = 2

/** Failures of one shard that every other shard would have too, after hours of work. */
const FAILS_ALL: ReadonlySet<string> = new Set(["disk_full", "decoder_unavailable"])

/**
 * Screens shards, those marked `last` after all others.
 *
 * @param conclude - Called with the outcome while the index is still open; its result is returned.
 * @throws {DependencyError} `decoder_unavailable`; what `recordBegin` and `conclude` throw.
 */
export async function screenShards<Result>(
  job: ScanJob,
  { receipts, pending, recordBegin, around = (_, work) => work(), decoder: started }: ShardWork,
  watcher: ScanWatcher,
  signal: AbortSignal,
  conclude: (context: ScanContext, outcome: WorkOutcome) => Promise<Result>,
): Promise<Result> {
  const { workspace, request, plan, record } = job
  const continued = receipts.size
  // Children start, and work ahead, while everything else is read.
  const opening = started ?? openFingerprinter(decoderOptions(job))
  opening.catch(() => {})
  const reading = readForScan(job)
  reading.catch(() => {})
  await using index = new LoadingIndex(workspace.openIndex(record.indexVersion))
  await using decoder = await opening
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>()
  const context = createContext(job, { index, decoder, begun, ...(await reading) }, { receipts, pending })
  watcher.onPlan?.(plan, continued, context.progress)
  // A failure that ends the run for one shard aborts the others, before decoder and lock are released; so does the caller.
  const broken = new AbortController()
  using _ = addAbortListener(signal, () => broken.abort(signal.reason))
  begun.catch((error: unknown) => broken.abort(error))
  const begin = async () => {
    await index.ready()
    await recordBegin()
  }
  begin().then(resolve, reject)

  let begunShards = 0
  const failed: FailedShard[] = []
  const isStopped = () => request.stopAfter !== undefined && exactMatches(receipts) >= request.stopAfter
  const mayGoOn = () => !isStopped() && !failed.some(({ code }) => FAILS_ALL.has(code))
  // Shards that describe others are written when the results of those are known.
  for (const round of roundsOf(pending)) {
    // A table needs the results of all others, in this run or in the next.
    if (failed.length > 0) break
    const queue = [...round]
    const work = async (): Promise<void> => {
      for (let shard = queue.shift(); shard !== undefined && mayGoOn(); shard = queue.shift()) {
        const next = shard
        const failure = await recordFailure(next, async () => {
          const rank = begunShards++
          const receipt = await around(next, () => screenAndFinish(context, next, rank, broken.signal))
          receipts.set(next.id, receipt)
        })
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
  const isLeft = pending.some((shard) => !receipts.has(shard.id) && !failed.some(({ path }) => path === shard.path))
  return conclude(context, { failed, stopped: isStopped() && isLeft })
}

/** Shards that need no others, packed ones that do, and tables. */
function roundsOf(pending: readonly ShardPlan[]): readonly (readonly ShardPlan[])[] {
  const last = pending.filter((shard) => shard.last)
  return [
    pending.filter((shard) => !shard.last),
    last.filter(({ layout }) => layout === "packed"),
    last.filter(({ layout }) => layout === "loose"),
  ]
}

function exactMatches(receipts: ReadonlyMap<string, ShardReceipt>): number {
  return [...receipts.values()].reduce((total, receipt) => total + receipt.exactTrusted, 0)
}

async function screenAndFinish(
  context: ScanContext,
  shard: ShardPlan,
  rank: number,
  signal: AbortSignal,
): Promise<ShardReceipt> {
  const startedAt = context.clock.now()
  const progress = followShard(context.progress, shard.sizeBytes)
  try {
    const outcome = await screenShard(context, shard, { progress, rank }, signal)
    await context.begun
    return await finishShard(context, shard, { outcome, startedAt }, signal)
  } finally {
    progress.finish()
  }
}

async function recordFailure(shard: ShardPlan, work: () => Promise<void>): Promise<FailedShard | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!(error instanceof DependencyError || error instanceof ShardError)) throw error
    return { path: shard.path, code: error.code, message: error.message, hint: hintOf(error) }
  }
}

function hintOf(error: NightlightError): string {
  return error.hint ?? "Correct the fault and run the same command again; finished shards are not done twice."
}
