/**
 * Reports what a scan would screen, without screening it.
 * @module
 */
import { hasContentHashes } from "@nightlight/screening"
import { planDataset } from "../plan/plan-dataset.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** Counts of a scan's shards and bytes, read without decoding anything. */
export interface ScanPreview {
  readonly root: string
  readonly shards: number
  readonly bytes: number
  /** Shards by kind. */
  readonly kinds: Readonly<Record<string, number>>
  /** Number of skipped files, by reason. */
  readonly skipped: Readonly<Record<string, number>>
  readonly lists: readonly { readonly name: string; readonly trust: string }[]
  /** False where only test lists are present. */
  readonly screened: boolean
}

/**
 * Plans a scan and opens the index it would use.
 *
 * @throws as `runScan` does for a bad input or an index that is not to be trusted.
 */
export async function previewScan(
  workspace: Workspace,
  inputs: readonly string[],
  signal: AbortSignal,
): Promise<ScanPreview> {
  const plan = await planDataset(inputs, { exclude: [workspace.layout.root] }, signal)
  await using index = await workspace.openIndex()
  const { lists } = index
  return {
    root: plan.root,
    shards: plan.shards.length,
    bytes: plan.shards.reduce((total, shard) => total + shard.sizeBytes, 0),
    kinds: countBy(plan.shards.map((shard) => shard.kind)),
    skipped: countBy(plan.strays.map((stray) => stray.code)),
    lists: lists.map(({ name, trust }) => ({ name, trust })),
    screened: lists.some((list) => list.trust !== "test" && hasContentHashes(list)),
  }
}

/** Counts equal names. */
export function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
