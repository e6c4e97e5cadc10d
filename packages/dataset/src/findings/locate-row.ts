/**
 * Looks for a finding's item in a large table of addresses and digests, whose rows are too many to be read as samples.
 * @module
 */
import type { ShardPlan } from "../plan/types.ts"
import { findKnownRows } from "../purge/address-rows.ts"
import { CurrentLists } from "../purge/current-lists.ts"
import { listsStating } from "../purge/known-items.ts"
import { digestItem } from "../readers/digest-item.ts"
import type { Sample } from "../readers/types.ts"
import { COLUMN_ROWS } from "../scan/screen-columns.ts"
import type { KeptFinding } from "../scan/superseded.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** Where an item was found again. */
export interface LocatedRow {
  /** Name within the shard. */
  readonly place: string
  /** Whether it stands where it was found. */
  readonly isAtPlace: boolean
}

/**
 * Searches a shard for the item of a finding that has a digest.
 *
 * @returns `undefined` for a shard that is no such table; `"absent"` where the item is not in it.
 * @throws as `findKnownRows`.
 */
export async function locateRow(
  workspace: Workspace,
  { finding, receipt }: KeptFinding,
  shard: ShardPlan,
  signal: AbortSignal,
): Promise<LocatedRow | "absent" | undefined> {
  const { itemDigest, sample, matches } = finding
  if (itemDigest === undefined) return undefined
  const targets = new Set([itemDigest])
  const stated = listsStating(matches)
  await using lists = new CurrentLists(workspace, [{ itemDigest, stated }])
  const places = new Map<string, string>()
  const knownIn = async ({ key, items }: Sample) => {
    for (const item of items) {
      if (item.unread === true) continue
      if (workspace.keyed.of("item", await digestItem(item, signal)) !== itemDigest) continue
      places.set(key, item.place)
      return [itemDigest]
    }
    return []
  }
  const samples = new Set([sample])
  const found = { listingDigest: receipt.shard.listingDigest, samples, knownSamples: samples, known: targets }
  const search = { shard, columnRows: COLUMN_ROWS, found, targets, lists, knownIn }
  const rows = await findKnownRows(search, signal)
  if (rows === undefined) return undefined
  const isUnchanged = shard.listingDigest === receipt.shard.listingDigest
  const ordinal = rows.samples.has(sample) ? sample : [...rows.samples.keys()][0]
  if (ordinal === undefined) return "absent"
  const row = ordinal - (rows.survey.hasMetadata ? 1 : 0)
  const place = places.get(String(row)) ?? [...places.values()][0]
  return place === undefined ? "absent" : { place, isAtPlace: isUnchanged && ordinal === sample }
}
