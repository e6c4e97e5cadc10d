/**
 * Turns hits of a hunt into items: by item, with the entry's category and the policy's decision.
 * @module
 */

import type { HuntItem, ShardReceipt } from "@nightlight/contract"
import type { Match } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { LoadedIndex, Policy } from "@nightlight/screening"
import type { Workspace } from "../workspace/workspace.ts"
import type { SidecarHit } from "./hunt-sidecar.ts"

/** The receipts, categories and policy from which hunt items are made. */
export interface HuntItemContext {
  readonly workspace: Workspace
  readonly index: LoadedIndex
  readonly policy: Policy
}

/** Makes one hunt item of each matching item, in the order of ordinals. */
export function toItems(
  { workspace, index, policy }: HuntItemContext,
  receipt: ShardReceipt,
  hits: readonly SidecarHit[],
): readonly HuntItem[] {
  const byItem = Map.groupBy(hits, (hit) => hit.ordinal)
  return [...byItem]
    .toSorted(([a], [b]) => a - b)
    .map(([ordinal, itemHits]) => {
      const matches = nearestByEntry(itemHits.map((hit) => toMatch(hit, index)))
      const verdict = policy.decide({
        matches,
        weakMatches: [],
        scores: [],
        mediaType: "application/octet-stream",
        kind: "picture",
        screened: true,
      })
      return {
        scan: receipt.scan,
        shard: receipt.shard.id,
        shardPath: receipt.shard.path,
        ordinal,
        itemDigest: workspace.keyed.of("item", itemHits[0]?.sha256 ?? ""),
        decision: verdict.decision,
        rule: verdict.rule,
        matches: [...matches],
      }
    })
}

function toMatch(
  { entry, distanceBits, quality, orientation, crop, background, frame }: SidecarHit,
  index: LoadedIndex,
): Match {
  const { list, hashType, entry: ordinal, radiusBits } = entry
  const info = index.lists.find((candidate) => candidate.name === list)
  const { category, entryId } = index.describeEntry(list, ordinal)
  return compact({
    list,
    trust: info?.trust ?? "unverified",
    entry: ordinal,
    entryId,
    category,
    snapshot: info?.snapshot ?? 1,
    hashType,
    distanceBits,
    radiusBits: hashType === "pdq" ? radiusBits : 0,
    quality: hashType === "pdq" ? (quality ?? 0) : undefined,
    transformation: hashType === "pdq" ? { orientation, crop, background, frame } : undefined,
  })
}

/** One match per entry: the nearest. */
function nearestByEntry(matches: readonly Match[]): readonly Match[] {
  const nearest = new Map<string, Match>()
  for (const match of matches) {
    const key = `${match.list} ${match.entry} ${match.hashType}`
    const known = nearest.get(key)
    if (known === undefined || match.distanceBits < known.distanceBits) nearest.set(key, match)
  }
  return [...nearest.values()]
}
