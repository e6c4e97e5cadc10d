/**
 * `nightlight plan`: begins a scan that many tasks share, and seals its plan.
 * @module
 */
import { compact } from "@nightlight/core"
import { outputAt } from "../output/output-at.ts"
import { reservationOf } from "../output/reservation.ts"
import type { DatasetPlan } from "../plan/types.ts"
import { claimScan, withScan } from "../scan/claim-scan.ts"
import { planDigest } from "../scan/plan-digest.ts"
import { planScan } from "../scan/plan-scan.ts"
import { reconcile } from "../scan/reconcile.ts"
import type { ScanRequest } from "../scan/request.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { assignRanks } from "./assign-ranks.ts"
import { type SealedPlan, writeTaskPlan } from "./task-plan.ts"

/** The scan to plan. */
export interface PlanRequest extends Pick<ScanRequest, "inputs" | "out" | "keepOrientations" | "exclude"> {
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
  const plan = await planScan(workspace, scan, signal)
  const record = await claimRecord(workspace, scan, plan, signal)
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

/**
 * Finds or begins the scan. Where the source changed since, only what is new or replaced is left for the tasks; where it
 * did not, nothing is touched, because tasks may be at work.
 */
async function claimRecord(
  workspace: Workspace,
  request: ScanRequest,
  plan: DatasetPlan,
  signal: AbortSignal,
): Promise<ScanRecord> {
  const { record, isJoined, output } = await claimScan(workspace, request, plan, signal)
  await using claim = output
  if (claim !== undefined && record.out !== undefined) {
    await (await outputAt(record.out, workspace)).reserve(reservationOf(workspace.keyed, record))
  }
  if (!isJoined && record.planDigest === planDigest(plan)) return record
  const folder = scanFolder(workspace.layout.scans, record.scan)
  const job = { workspace, request, plan, record, folder }
  return (await withScan(folder, () => reconcile(job, {}, signal))).record
}
