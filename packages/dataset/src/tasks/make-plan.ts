/**
 * `nightlight plan`: begins a scan that many tasks share, and seals its plan.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import { planDataset } from "../plan/plan-dataset.ts"
import { claimScan } from "../scan/claim-scan.ts"
import type { ScanRequest } from "../scan/request.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { assignRanks } from "./assign-ranks.ts"
import { type SealedPlan, writeTaskPlan } from "./task-plan.ts"

/** The scan to plan. */
export interface PlanRequest extends Pick<ScanRequest, "inputs" | "out" | "keepOrientations"> {
  /** How many ranks share the shards. */
  readonly world: number
  /** Path of the plan's file. */
  readonly file: string
}

/**
 * Begins a scan, or finds the unfinished one of the same request, and writes its plan. Lists and policy are those of
 * now, for every task.
 *
 * @throws {RequestError} `not_found` if there is nothing to screen; else as `runScan`.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function planTasks(workspace: Workspace, request: PlanRequest, signal: AbortSignal): Promise<SealedPlan> {
  const { world, file, ...scan } = request
  const plan = await planDataset(scan.inputs, { exclude: [workspace.layout.root] }, signal)
  if (plan.shards.length === 0) throw new RequestError("not_found", "there is nothing to screen in the input")
  const record = await claimScan(workspace, scan, plan)
  const shared = plan.shards.filter((shard) => shard.last === undefined)
  const ranks = new Map(assignRanks(shared, world).map((rank, index) => [shared[index]?.id, rank] as const))
  const sealed = await writeTaskPlan(
    file,
    compact({
      scan: record.scan,
      world,
      root: record.root,
      out: record.out,
      shards: plan.shards.map(({ id, path, kind, sizeBytes, listingDigest }) =>
        compact({ path, kind, sizeBytes, listingDigest, rank: ranks.get(id) }),
      ),
      plannedAt: workspace.clock.now().toISOString(),
    }),
    workspace.signer,
  )
  await workspace.record("scan.planned", { scan: record.scan, shards: plan.shards.length, world, plan: sealed.digest })
  return sealed
}
