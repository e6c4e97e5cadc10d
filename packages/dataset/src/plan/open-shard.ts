import { RequestError } from "@nightlight/core"
import type { ShardInput } from "../containers/container.ts"
import { readSidecars } from "../containers/files/samples.ts"
import { containerOf, shardName } from "../containers/index.ts"
import { ItemBuilder } from "../containers/item-builder.ts"
import { type RowOrigins, readRowOrigins } from "../containers/parquet/table-rows.ts"
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
    yield* withOrigins(containerOf(shard.kind).samples(input, builder, signal), shard, input)
    yield* readSidecars(listing.store, listing.sidecars, builder)
  }
  return {
    samples,
    readItem,
    [Symbol.asyncDispose]: async () => {},
  }
}

/** Adds what a Parquet file beside a shard, or beside a folder of it, states about the samples. */
function withOrigins(samples: AsyncIterable<Sample>, shard: ShardPlan, input: ShardInput): AsyncIterable<Sample> {
  const hasTable = shard.layout === "loose" || input.listing.rowsAbout(shardName(shard.path).stem) !== undefined
  return shard.last !== true && hasTable ? addOrigins(samples, shard, input) : samples
}

async function* addOrigins(
  samples: AsyncIterable<Sample>,
  { layout, path }: ShardPlan,
  { listing, limits }: ShardInput,
): AsyncGenerator<Sample, void> {
  const read = new Map<string, Promise<RowOrigins>>()
  const originsOf = async (stem: string): Promise<RowOrigins | undefined> => {
    const table = listing.rowsAbout(stem)
    if (table === undefined) return undefined
    const origins = read.get(stem) ?? readRowOrigins(listing.store, table, limits)
    read.set(stem, origins)
    return origins
  }
  const shardStem = layout === "packed" ? shardName(path).stem : undefined
  for await (const sample of samples) {
    const { key } = sample
    const slash = key.lastIndexOf("/")
    const stem = shardStem ?? key.slice(0, Math.max(0, slash))
    const origins = await originsOf(stem)
    const rowOrigin = origins?.get(key.slice(slash + 1))
    yield rowOrigin === undefined ? sample : { ...sample, rowOrigin }
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
