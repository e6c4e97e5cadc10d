/**
 * Chooses the shards of a scan's source in which a purge looks for known items.
 * @module
 */
import { join } from "node:path"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { readReceipts } from "../scan/finish-shard.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { KnownItem } from "./known-items.ts"

/**
 * Shards that may contain known items: packed ones by their path, all loose ones, since they may be chunked differently
 * now. In the plan's order: a table is changed after the shards that are read by it.
 *
 * @param root - That the items' shards are relative to.
 */
export function shardsWith(items: readonly KnownItem[], root: string, plan: DatasetPlan): ShardPlan[] {
  const where = new Set(items.map((item) => join(root, item.shard)))
  const packed = new Set(
    plan.shards.filter(({ layout, path }) => layout === "packed" && where.delete(join(plan.root, path))),
  )
  return plan.shards.filter((shard) => packed.has(shard) || (where.size > 0 && shard.layout === "loose"))
}

/**
 * Shards with known items in whose place there is something now that is not read: a link, a device, a folder without
 * permission. What it leads to may still hold them.
 */
export function noFilesAnyMore(
  items: readonly KnownItem[],
  root: string,
  plan: DatasetPlan,
): { path: string; code: string }[] {
  const where = new Set(items.map((item) => join(root, item.shard)))
  const skipped = plan.strays.filter(({ code, place }) => code !== "missing" && where.has(join(plan.root, place)))
  return skipped.map(({ place }) => ({ path: place, code: "source_changed" }))
}

/**
 * Shards that are not as these scans saw them: added, renamed or replaced since.
 *
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function notScreened(
  { layout, verifier }: Workspace,
  scans: readonly ScanRecord[],
  plan: DatasetPlan,
): readonly ShardPlan[] {
  const screened = new Set<string>()
  for (const { scan, root } of scans) {
    for (const { shard } of readReceipts(scanFolder(layout.scans, scan), verifier).values()) {
      screened.add(`${shard.listingDigest} ${join(root, shard.path)}`)
    }
  }
  return plan.shards.filter(({ listingDigest, path }) => !screened.has(`${listingDigest} ${join(plan.root, path)}`))
}
