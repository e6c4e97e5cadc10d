/**
 * `nightlight scan --plan`: screens one task's shards of a plan.
 * @module
 */
import { join } from "node:path"
import type { ShardReceipt } from "@nightlight/contract"
import { compact, RequestError } from "@nightlight/core"
import { ensureDirPrivate, withLock } from "@nightlight/durable"
import type { ShardPlan } from "../plan/types.ts"
import { readReceipt } from "../scan/finish-shard.ts"
import { type ScanWatcher, screenShards } from "../scan/screen-shards.ts"
import type { FailedShard } from "../scan/summary.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { assertReserved, openPlannedScan, type TaskOptions } from "./planned-scan.ts"
import { taskLocks } from "./task-locks.ts"
import type { SealedPlan } from "./task-plan.ts"

/** Which shards of a plan a task screens: those of a rank, or those named by path. */
export type TaskPart = { readonly rank: number } | { readonly paths: readonly string[] }

/** The result of one task. */
export interface TaskResult {
  readonly scan: string
  readonly rank?: number
  /** Every shard of the task that is done, in the plan's order, whichever task did it. */
  readonly done: readonly TaskShard[]
  readonly failed: readonly FailedShard[]
  /** Whether it ended at `stopAfter`. */
  readonly stopped: boolean
  /** Whether there is a real list. */
  readonly screened: boolean
}

/** A finished shard of a task. */
export interface TaskShard {
  readonly path: string
  readonly items: number
  readonly withheldSamples: number
  readonly decisions: ShardReceipt["decisions"]
  /** Why it was set aside. */
  readonly poison?: string
}

/**
 * Screens the shards of one task of a plan. Shards with a receipt are not screened again, so a task may be killed and
 * repeated at any time, on any machine that shares the workspace, the source and the output.
 *
 * @throws {RequestError} `input_invalid` for a rank or a path that is not in the plan; `not_found`; `output_conflict` if
 *   the output is not reserved for the plan.
 * @throws {DependencyError} `decoder_unavailable` and others.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function runTask(
  workspace: Workspace,
  { sealed, part, options }: { readonly sealed: SealedPlan; readonly part: TaskPart; readonly options: TaskOptions },
  watcher: ScanWatcher,
  signal: AbortSignal,
): Promise<TaskResult> {
  const wanted = pathsOf(sealed, part)
  const { job, shards, changed } = await openPlannedScan(workspace, sealed.plan, options, signal)
  const { record, folder } = job
  const read = ({ id }: ShardPlan) => readReceipt(folder, id, workspace.verifier)
  const own = [...shards.values()].filter(({ path }) => wanted.has(path))
  const receipts = new Map(
    own.flatMap((shard) => {
      const receipt = read(shard)
      return receipt === undefined ? [] : [[shard.id, receipt] as const]
    }),
  )
  const pending = own.filter(({ id }) => !receipts.has(id))
  if (pending.length > 0) await assertReserved(job)
  await ensureDirPrivate(taskLocks(folder))
  const around = (shard: ShardPlan, work: () => Promise<ShardReceipt>) =>
    withLock(
      join(taskLocks(folder), shard.id),
      // A task that was thought dead, or another one that was given this shard, may have finished it meanwhile.
      async () => read(shard) ?? (await work()),
      { timeoutMs: 0, lockedName: "this shard" },
    )
  const rank = "rank" in part ? part.rank : undefined
  const recordBegin = () =>
    workspace.record(
      "scan.task-started",
      compact({
        scan: record.scan,
        plan: sealed.digest,
        rank,
        shards: pending.length,
        indexVersion: record.indexVersion,
      }),
    )
  return screenShards(job, { receipts, pending, recordBegin, around }, watcher, signal, async (context, outcome) => {
    const failed = [...changed.filter(({ path }) => wanted.has(path)), ...outcome.failed]
    const done = own.flatMap((shard) => doneShard(shard, receipts.get(shard.id)))
    await workspace.record(
      "scan.task-ended",
      compact({ scan: record.scan, plan: sealed.digest, rank, shards: done.length, failed: failed.length }),
    )
    return compact({
      scan: record.scan,
      rank,
      done,
      failed,
      stopped: outcome.stopped,
      screened: context.screened,
    })
  })
}

/** The paths of a task's shards. */
function pathsOf({ plan }: SealedPlan, part: TaskPart): ReadonlySet<string> {
  const shared = plan.shards.filter(({ rank }) => rank !== undefined)
  if ("rank" in part) {
    if (part.rank >= plan.world) {
      throw new RequestError("input_invalid", `the plan has ranks 0 to ${plan.world - 1}, not ${part.rank}`)
    }
    return new Set(shared.flatMap(({ path, rank }) => (rank === part.rank ? [path] : [])))
  }
  const known = new Set(shared.map(({ path }) => path))
  const unknown = part.paths.filter((path) => !known.has(path)).length
  if (unknown === 0) return new Set(part.paths)
  throw new RequestError("input_invalid", `${unknown} of the named shards are not in the plan`, {
    hint: "Name shards as the plan does, one path relative to its root in each line.",
  })
}

function doneShard({ path }: ShardPlan, receipt: ShardReceipt | undefined): readonly TaskShard[] {
  if (receipt === undefined) return []
  const { items, withheldSamples, decisions, poison } = receipt
  return [compact({ path, items, withheldSamples, decisions, poison })]
}
