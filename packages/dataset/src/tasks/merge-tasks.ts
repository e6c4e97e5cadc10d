/**
 * `nightlight scan --plan --merge`: one report over what all tasks of a plan did.
 * @module
 */
import { rm } from "node:fs/promises"
import { withScan } from "../scan/claim-scan.ts"
import { readReceipts } from "../scan/finish-shard.ts"
import { setLostAside } from "../scan/reconcile.ts"
import { concludeScan, type ScanResult } from "../scan/run-scan.ts"
import { type ScanWatcher, screenShards } from "../scan/screen-shards.ts"
import type { FailedShard } from "../scan/summary.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { assertReserved, openPlannedScan, type TaskOptions } from "./planned-scan.ts"
import { taskLocks } from "./task-locks.ts"
import type { SealedPlan } from "./task-plan.ts"

/** A merged scan. */
export interface MergeResult extends ScanResult {
  /** Ranks with shards that are not done, in order. */
  readonly unfinishedRanks: readonly number[]
}

/**
 * Writes the tables about other shards, and the report of the whole scan. Where shards are not done yet, the report says
 * so, no table is written, and merging again later completes it. A shard of which the copy has lost a file is not done.
 *
 * @throws {RequestError} `not_found`; `output_conflict` if the output is not reserved for the plan.
 * @throws {DependencyError} `locked` if another process works on this scan.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function mergeTasks(
  workspace: Workspace,
  { sealed, options }: { readonly sealed: SealedPlan; readonly options: TaskOptions },
  watcher: ScanWatcher,
  signal: AbortSignal,
): Promise<MergeResult> {
  const { plan, digest } = sealed
  const { job, shards, changed } = await openPlannedScan(workspace, plan, options, signal)
  const { record, folder } = job
  return withScan(folder, async () => {
    const receipts = new Map(readReceipts(folder, workspace.verifier))
    const shared = plan.shards.filter(({ path, rank }) => rank !== undefined && shards.has(path))
    // While tasks are at work, a file may be in place before its receipt is.
    if (changed.length === 0 && shared.every(({ path }) => receipts.has(shards.get(path)?.id ?? ""))) {
      await setLostAside(job, { receipts, shards: [...shards.values()] }, signal)
    }
    const isDone = (path: string) => receipts.has(shards.get(path)?.id ?? "")
    const left = shared.filter(({ path }) => !isDone(path))
    const failed: readonly FailedShard[] = [...changed, ...left.map(({ path }) => unfinished(path))]
    const tables = [...shards.values()].filter((shard) => shard.last === true && !receipts.has(shard.id))
    const recordBegin = () =>
      workspace.record("scan.merging", { scan: record.scan, plan: digest, done: receipts.size, left: failed.length })
    if (failed.length === 0 && tables.length > 0) await assertReserved(job)
    const work = { receipts, pending: failed.length === 0 ? tables : [], recordBegin }
    const result = await screenShards(job, work, watcher, signal, (context, outcome) =>
      concludeScan(context, workspace, {
        receipts: [...receipts.values()],
        failed: [...failed, ...outcome.failed],
        stopped: outcome.stopped,
      }),
    )
    if (failed.length === 0) await rm(taskLocks(folder), { recursive: true, force: true })
    const failedPaths = new Set(failed.map(({ path }) => path))
    const ranks = plan.shards.flatMap(({ path, rank }) => (rank !== undefined && failedPaths.has(path) ? [rank] : []))
    return { ...result, unfinishedRanks: [...new Set(ranks)].toSorted((a, b) => a - b) }
  })
}

function unfinished(path: string): FailedShard {
  return {
    path,
    code: "not_screened",
    message: "no task has finished this shard yet",
    hint: "Run its task again, and merge again.",
  }
}
