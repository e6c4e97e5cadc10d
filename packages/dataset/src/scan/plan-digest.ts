import { canonicalDigest } from "@nightlight/durable"
import type { DatasetPlan } from "../plan/types.ts"

/** SHA-256 over a plan's shards, their sizes and listings, and what was skipped; equal for an unchanged source. */
export function planDigest(plan: DatasetPlan): string {
  const shards = plan.shards.map(({ id, kind, path, sizeBytes, listingDigest }) => ({
    id,
    kind,
    path,
    sizeBytes,
    listingDigest,
  }))
  return canonicalDigest({ shards, skipped: { ...plan.skipped } })
}
