import { RequestError } from "@nightlight/core"
import type { ShardInput } from "../containers/container.ts"
import { readSidecars } from "../containers/files/samples.ts"
import { containerOf } from "../containers/index.ts"
import { ItemBuilder } from "../containers/item-builder.ts"
import type { ShardListing } from "../readers/listing.ts"
import { readItem } from "../readers/read-item.ts"
import type { ReaderLimits, Sample, ShardReader } from "../readers/types.ts"
import { LISTING, type ShardPlan } from "./types.ts"

/**
 * Opens a shard for reading. The source is never opened for writing.
 *
 * @param shard - As `planDataset` returned it in this process.
 * @throws {RequestError} `state_conflict` if the shard comes from elsewhere, for example from JSON.
 * @throws {DependencyError} `source_changed` if its files are not as the plan found them.
 */
export async function openShard(shard: ShardPlan, limits: ReaderLimits, signal: AbortSignal): Promise<ShardReader> {
  signal.throwIfAborted()
  const listing = listingOf(shard)
  assertUnchanged(listing)
  const input: ShardInput = { listing, limits }
  async function* samples(): AsyncGenerator<Sample, void> {
    const builder = new ItemBuilder(limits, signal)
    yield* containerOf(shard.kind).samples(input, builder, signal)
    yield* readSidecars(listing.store, listing.sidecars, builder)
  }
  return {
    samples,
    readItem: async (item) => readItem(item),
    [Symbol.asyncDispose]: async () => {},
  }
}

/**
 * The part of a plan's shard that exists only in memory.
 *
 * @throws {RequestError} `state_conflict` if it is missing.
 */
export function listingOf(shard: ShardPlan): ShardListing {
  const listing = shard[LISTING]
  if (listing === undefined) throw new RequestError("state_conflict", "expected a shard of this process's own plan")
  return listing
}

/**
 * Compares a shard's files with what the plan found.
 *
 * @throws {DependencyError} `source_changed` if one is gone, or has another size or modification time.
 */
export function assertUnchanged({ store, files, sidecars }: ShardListing): void {
  store.assertUnchanged(files)
  store.assertUnchanged(sidecars)
}
