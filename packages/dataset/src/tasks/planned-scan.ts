/**
 * The scan that a plan belongs to, as it is now.
 * @module
 */
import { readFileSync } from "node:fs"
import { DependencyError, hasCode, RequestError } from "@nightlight/core"
import { outputAt } from "../output/output-at.ts"
import { reservationOf } from "../output/reservation.ts"
import { planDataset } from "../plan/plan-dataset.ts"
import type { ShardPlan } from "../plan/types.ts"
import type { ScanJob, ScanRequest } from "../scan/request.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import { parseScanRecord, type ScanRecord } from "../scan/scan-record.ts"
import type { FailedShard } from "../scan/summary.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { TaskPlan } from "./task-plan.ts"

/** A planned scan with the shards of its source as they are now. */
export interface PlannedScan {
  readonly job: ScanJob
  /** Shards by path, where the source is as it was planned. */
  readonly shards: ReadonlyMap<string, ShardPlan>
  /** Shards of the plan that are gone or changed since. */
  readonly changed: readonly FailedShard[]
}

/** Options of every task of a plan. */
export type TaskOptions = Pick<ScanRequest, "stopAfter" | "decoderEntry">

/**
 * Reads the scan of a plan and lists its source again: file names are in no plan.
 *
 * @throws {RequestError} `not_found` if this workspace does not hold the scan, or the source is gone.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function openPlannedScan(
  workspace: Workspace,
  plan: TaskPlan,
  options: TaskOptions,
  signal: AbortSignal,
): Promise<PlannedScan> {
  const folder = scanFolder(workspace.layout.scans, plan.scan)
  const record = readRecord(folder.record)
  const request: ScanRequest = { ...options, inputs: record.sources }
  const now = await planDataset(
    record.sources,
    { exclude: [workspace.layout.root], excludePaths: record.exclude, s3: workspace.config.s3 },
    signal,
  )
  const byPath = new Map(now.shards.map((shard) => [shard.path, shard]))
  const shards = new Map<string, ShardPlan>()
  const changed: FailedShard[] = []
  for (const { path, kind, listingDigest } of plan.shards) {
    const shard = byPath.get(path)
    if (shard?.listingDigest === listingDigest && shard.kind === kind) shards.set(path, shard)
    else changed.push(changedShard(path))
  }
  return { job: { workspace, request, plan: now, record, folder }, shards, changed }
}

/**
 * Asserts that the output is still reserved for a plan's tasks.
 *
 * @throws {RequestError} `output_conflict` if it is not: it was removed, or another scan was planned into it.
 */
export async function assertReserved({ workspace, record }: Pick<ScanJob, "workspace" | "record">): Promise<void> {
  if (record.out === undefined) return
  const output = await outputAt(record.out, workspace)
  if (await output.isReservedFor(reservationOf(workspace.keyed, record))) return
  throw new RequestError("output_conflict", "the output is not reserved for this plan", {
    hint: "It was removed, or another scan was planned into it. Make the plan again: nightlight plan says if it is free.",
  })
}

function readRecord(path: string): ScanRecord {
  try {
    return parseScanRecord(readFileSync(path, "utf8"))
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    throw new RequestError("not_found", "the plan's scan is not in this workspace", {
      hint: "Every task needs the workspace in which the plan was made.",
    })
  }
}

function changedShard(path: string): FailedShard {
  const { code, message } = new DependencyError("source_changed", "the shard is gone or changed since it was planned")
  return { path, code, message, hint: "Restore it, or make a new plan." }
}
