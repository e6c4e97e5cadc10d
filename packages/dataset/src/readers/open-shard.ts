import { isUtf8 } from "node:buffer"
import { statSync } from "node:fs"
import { DependencyError, hasCode, RequestError } from "@nightlight/core"
import { digestListing } from "../plan/listing-digest.ts"
import { LISTING, type ListedFile, type ShardListing, type ShardPlan } from "../plan/types.ts"
import { readFileSamples, readSidecars, sourcePath } from "./file-samples.ts"
import { ItemBuilder } from "./item-builder.ts"
import { readItem } from "./read-item.ts"
import { type FileSource, openFileSource } from "./source.ts"
import { gunzipFile, randomTarInput, streamTarInput } from "./tar-input.ts"
import { readTarSamples } from "./tar-samples.ts"
import type { ReaderLimits, Sample, ShardReader } from "./types.ts"
import { readZipDirectory } from "./zip-directory.ts"
import { readZipSamples } from "./zip-samples.ts"

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
  return {
    samples: () => readSamples({ root, shard, listing }, limits, signal),
    readItem: async (item) => readItem(item),
    [Symbol.asyncDispose]: async () => {},
  }
}

/**
 * The part of a plan's shard that lives in memory only.
 *
 * @throws {RequestError} `state_conflict` if it is not there.
 */
export function listingOf(shard: ShardPlan): ShardListing {
  const listing = shard[LISTING]
  if (listing === undefined) throw new RequestError("state_conflict", "expected a shard of this process's own plan")
  return listing
}

interface Opened {
  readonly root: string
  readonly shard: ShardPlan
  readonly listing: ShardListing
}

async function* readSamples(
  { root, shard, listing }: Opened,
  limits: ReaderLimits,
  signal: AbortSignal,
): AsyncGenerator<Sample, void> {
  const builder = new ItemBuilder(limits, signal)
  if (shard.kind === "files") {
    yield* readFileSamples(root, listing.files, builder)
    return
  }
  const path = archivePath(root, listing)
  // Ranges are read by a path that must be a string; one that is not UTF-8 has its members held as bytes.
  const range = isUtf8(path) ? { path: path.toString() } : {}
  if (shard.kind === "tar.gz") {
    await using inflated = gunzipFile(path, limits, signal)
    yield* readTarSamples({ input: streamTarInput(inflated) }, builder, limits)
  } else {
    using source = openUnchanged(path, listing)
    yield* shard.kind === "tar"
      ? readTarSamples({ input: randomTarInput(source), ...range }, builder, limits)
      : readZipSamples({ source, directory: await readZipDirectory(source, limits), ...range }, builder, limits)
  }
  yield* readSidecars(root, listing.sidecars, builder)
}

/** Where a tar or zip is read. */
export function archivePath(root: string, listing: ShardListing): Buffer {
  return sourcePath(root, ownFile(listing))
}

/**
 * Opens a tar or zip that must be as the plan found it.
 *
 * @throws {DependencyError} `source_changed` or `source_unreadable`
 */
export function openUnchanged(path: Buffer, listing: ShardListing): FileSource {
  const source = openFileSource(path)
  const { sizeBytes, modifiedMs } = ownFile(listing)
  if (source.sizeBytes === sizeBytes && source.modifiedMs === modifiedMs) return source
  source[Symbol.dispose]()
  throw changed()
}

function ownFile(listing: ShardListing): ListedFile {
  const [file] = listing.files
  if (file === undefined) throw new RequestError("state_conflict", "expected a shard with a file")
  return file
}

/**
 * Compares a shard's files with what the plan found.
 *
 * @throws {DependencyError} `source_changed` if one is gone, or has another size or time of change.
 */
export function assertUnchanged(root: string, shard: ShardPlan, listing: ShardListing): void {
  const now = [...listing.files, ...listing.sidecars].map((file): ListedFile => {
    try {
      const stat = statSync(sourcePath(root, file))
      return { ...file, sizeBytes: stat.size, modifiedMs: stat.mtimeMs }
    } catch (error) {
      if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) throw changed()
      throw new DependencyError("source_unreadable", "a file of the dataset cannot be read", { cause: error })
    }
  })
  if (digestListing(now) !== shard.listingDigest) throw changed()
}

function changed(): DependencyError {
  return new DependencyError("source_changed", "the dataset changed since it was planned", {
    hint: "Nothing was written for this shard. Run the same command again to plan it anew.",
  })
}
