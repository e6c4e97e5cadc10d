import { statSync } from "node:fs"
import { DependencyError, hasCode, RequestError } from "@nightlight/core"
import type { ShardInput } from "../containers/container.ts"
import { readSidecars } from "../containers/files/samples.ts"
import { containerOf } from "../containers/index.ts"
import { ItemBuilder } from "../containers/item-builder.ts"
import { sourceChanged } from "../containers/packed.ts"
import type { ListedFile, ShardListing } from "../readers/listing.ts"
import { sourcePath } from "../readers/paths.ts"
import { readItem } from "../readers/read-item.ts"
import type { ReaderLimits, Sample, ShardReader } from "../readers/types.ts"
import { digestListing } from "./listing-digest.ts"
import { LISTING, type ShardPlan } from "./types.ts"

/**
 * Opens a shard for reading. The source is never opened for writing.
 *
 * @param root - The plan's root; the paths of items begin with it.
 * @param shard - As `planDataset` returned it in this process.
 * @throws {RequestError} `state_conflict` if the shard comes from elsewhere, for example from JSON.
 * @throws {DependencyError} `source_changed` if its files are not as the plan found them.
 */
export async function openShard(
  root: string,
  shard: ShardPlan,
  limits: ReaderLimits,
  signal: AbortSignal,
): Promise<ShardReader> {
  signal.throwIfAborted()
  const listing = listingOf(shard)
  assertUnchanged(root, shard, listing)
  const input: ShardInput = { root, listing, limits }
  async function* samples(): AsyncGenerator<Sample, void> {
    const builder = new ItemBuilder(limits, signal)
    yield* containerOf(shard.kind).samples(input, builder, signal)
    yield* readSidecars(root, listing.sidecars, builder)
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
export function assertUnchanged(root: string, shard: ShardPlan, listing: ShardListing): void {
  const now = [...listing.files, ...listing.sidecars].map((file): ListedFile => {
    try {
      const stat = statSync(sourcePath(root, file))
      return { ...file, sizeBytes: stat.size, modifiedMs: stat.mtimeMs }
    } catch (error) {
      if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) throw sourceChanged()
      throw new DependencyError("source_unreadable", "a file of the dataset cannot be read", { cause: error })
    }
  })
  if (digestListing(now) !== shard.listingDigest) throw sourceChanged()
}
