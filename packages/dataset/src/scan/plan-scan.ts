import { DependencyError, RequestError } from "@nightlight/core"
import { planDataset } from "../plan/plan-dataset.ts"
import type { DatasetPlan } from "../plan/types.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { excludedPaths } from "./excluded-paths.ts"
import type { ScanRequest } from "./request.ts"

/**
 * Plans what a scan reads: its inputs without the workspace and without what is excluded.
 *
 * @throws {RequestError} `not_found` if that is nothing; as `planDataset`.
 * @throws {DependencyError} `source_unreadable` if all of it is.
 */
export async function planScan(
  workspace: Workspace,
  request: Pick<ScanRequest, "inputs" | "exclude">,
  signal: AbortSignal,
): Promise<DatasetPlan> {
  const excludePaths = excludedPaths(workspace, request)
  const plan = await planDataset(
    request.inputs,
    { exclude: [workspace.layout.root], excludePaths, s3: workspace.config.s3 },
    signal,
  )
  if (plan.shards.length > 0) return plan
  if (plan.skipped.unreadable) {
    throw new DependencyError("source_unreadable", "nothing in the input may be read", {
      hint: "Give this account or these credentials the permission to read it.",
    })
  }
  const hint =
    excludePaths.length > 0
      ? "What --exclude and scan.exclude in nightlight.yaml name is not read."
      : "The workspace itself is not read: name the dataset's own folder."
  throw new RequestError("not_found", "there is nothing to screen in the input", plan.skipped.excluded ? { hint } : {})
}
