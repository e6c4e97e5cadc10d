/**
 * Removes known items from one shard of a source or a copy.
 * @module
 */
import { mkdir, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { pathOf } from "../copy/clean-files.ts"
import { staleTablesOf } from "../copy/tables.ts"
import { writeCleanShard } from "../copy/write-clean-shard.ts"
import type { ListedFile, ShardPlan } from "../plan/types.ts"
import { digestItem } from "../readers/digest-item.ts"
import { absolutePath } from "../readers/file-samples.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import { assertUnchanged, listingOf, openShard } from "../readers/open-shard.ts"
import { groupByStem } from "../readers/stem-groups.ts"
import type { Workspace } from "../workspace/open.ts"
import { removeFile, replaceFile } from "./replace-files.ts"

/** What was removed of a shard. */
export interface PurgedShard {
  readonly path: string
  /** Keyed digests of the known items, in the shard's order. */
  readonly itemDigests: readonly string[]
  readonly samplesRemoved: number
  readonly itemsRemoved: number
  /** Files beside the shard that describe it and are wrong now; they are left where they are. */
  readonly stale: readonly string[]
  /** SHA-256 of the archive as it is now; absent for plain files. */
  readonly sha256?: string
}

/** What is to go from where. */
export interface PurgeJob {
  readonly workspace: Workspace
  /** The plan's root. */
  readonly root: string
  readonly shard: ShardPlan
  /** Keyed digests of known items. */
  readonly targets: ReadonlySet<string>
  readonly isDryRun: boolean
}

/**
 * Removes the samples of known items from a shard, after digesting every item of it anew.
 *
 * @returns What was removed; undefined where no known item is in the shard (any more).
 * @throws {DependencyError} `source_changed`, `source_unreadable`, `disk_full`, `write_failed`: the shard is as it was,
 *   plain files removed before apart.
 * @throws {ShardError} if the shard cannot be read to its end: it is as it was.
 */
export async function purgeShard(job: PurgeJob, signal: AbortSignal): Promise<PurgedShard | undefined> {
  const { root, shard, isDryRun } = job
  const known = await findKnown(job, signal)
  const { itemDigests, samples, files } = known
  if (samples.size === 0) return undefined
  if (isDryRun) return { path: shard.path, itemDigests, samplesRemoved: samples.size, itemsRemoved: 0, stale: [] }
  if (shard.kind !== "files") return rewriteArchive(job, known, signal)

  const listing = listingOf(shard)
  assertUnchanged(root, shard, listing)
  for (const { path } of files) await removeFile(absolutePath(root, path))
  return {
    path: shard.path,
    itemDigests,
    samplesRemoved: samples.size,
    itemsRemoved: files.length,
    stale: staleTablesOf(listing, files),
  }
}

/** What of a shard is known, and what else it holds. */
interface KnownContent {
  /** SHA-256 of every item that can be read, by ordinal. */
  readonly digests: readonly (string | undefined)[]
  /** Keyed digests of known items, in the shard's order. */
  readonly itemDigests: readonly string[]
  /** Ordinals of their samples. */
  readonly samples: ReadonlySet<number>
  /** Plain files, and files beside an archive, that belong to those samples. */
  readonly files: readonly ListedFile[]
}

async function findKnown({ workspace, root, shard, targets }: PurgeJob, signal: AbortSignal): Promise<KnownContent> {
  const listing = listingOf(shard)
  const digests: (string | undefined)[] = []
  const itemDigests: string[] = []
  const samples = new Set<number>()
  const files: ListedFile[] = []
  // Files in the order in which the reader gives them; of an archive, only those beside it.
  const unread =
    shard.kind === "files" ? groupByStem(listing.files, pathOf).flatMap((group) => group.files) : [...listing.sidecars]
  await using reader = await openShard(root, shard, DEFAULT_READER_LIMITS, signal)
  for await (const sample of reader.samples()) {
    const own: ListedFile[] = []
    for (const item of sample.items) {
      const isFile = item.depth === 0 && (shard.kind === "files" || item.role === "sidecar")
      if (isFile) own.push(...unread.splice(0, 1))
      if (item.unread) continue
      const sha256 = await digestItem(item, signal)
      digests[item.ordinal] = sha256
      const itemDigest = workspace.keyed.of("item", sha256)
      if (!targets.has(itemDigest)) continue
      itemDigests.push(itemDigest)
      samples.add(sample.ordinal)
    }
    if (samples.has(sample.ordinal)) files.push(...own)
  }
  return { digests, itemDigests, samples, files }
}

/** Writes an archive anew without the samples of known items, and puts it in the place of the one there is. */
async function rewriteArchive(
  { workspace, root, shard }: PurgeJob,
  { digests, itemDigests, samples, files }: KnownContent,
  signal: AbortSignal,
): Promise<PurgedShard> {
  const staging = await stagingFolder(workspace, root)
  try {
    const written = await writeCleanShard(
      { root, shard, outDir: staging, limits: DEFAULT_READER_LIMITS, mode: "purge" },
      (sample, item) => {
        const sha256 = digests[item.ordinal]
        if (samples.has(sample.ordinal)) return { keep: false }
        return sha256 === undefined ? { keep: true } : { keep: true, sha256 }
      },
      signal,
    )
    for (const { path } of listingOf(shard).files) {
      await replaceFile(absolutePath(staging, path), absolutePath(root, path))
    }
    // What lies beside it stays, unless it is known itself.
    for (const { path } of files) await removeFile(absolutePath(root, path))
    return {
      path: shard.path,
      itemDigests,
      samplesRemoved: written.samplesDropped,
      itemsRemoved: written.itemsDropped,
      stale: written.stale,
      ...(written.outputSha256 === undefined ? {} : { sha256: written.outputSha256 }),
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/**
 * Makes the folder beside the source in which a shard is written anew: on the same file system, so that it takes its
 * place by a rename. What a killed purge of this workspace left there is removed first.
 */
async function stagingFolder(workspace: Workspace, root: string): Promise<string> {
  const staging = join(dirname(root), `.nightlight-purge-${workspace.signer.keyId}`)
  try {
    await rm(staging, { recursive: true, force: true })
    await mkdir(staging, { mode: 0o700 })
    return staging
  } catch {
    throw new DependencyError("write_failed", "the folder that holds the dataset cannot be written", {
      hint: "A purged shard is made beside the dataset before it takes its place: allow that for this command.",
    })
  }
}
