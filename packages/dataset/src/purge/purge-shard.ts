/**
 * Removes known items from one shard of a source or a copy.
 * @module
 */
import { mkdir, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { writeCleanShard } from "../copy/write-clean-shard.ts"
import { LISTING, type ShardPlan } from "../plan/types.ts"
import { digestItem } from "../readers/digest-item.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import { openShard } from "../readers/open-shard.ts"
import type { Workspace } from "../workspace/open.ts"
import { filesBelow, removeFile, replaceFile } from "./replace-files.ts"

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

/**
 * Removes the samples of known items from a shard, after digesting every item of it anew.
 *
 * @returns What was removed; undefined where no known item is in the shard (any more).
 * @throws {DependencyError} `source_changed`, `source_unreadable`, `disk_full`, `write_failed`: the shard is as it was.
 * @throws {ShardError} if the shard cannot be read to its end: it is as it was.
 */
export async function purgeShard(
  { workspace, root, shard }: { readonly workspace: Workspace; readonly root: string; readonly shard: ShardPlan },
  targets: ReadonlySet<string>,
  isDryRun: boolean,
  signal: AbortSignal,
): Promise<PurgedShard | undefined> {
  const digests: string[] = []
  const found = new Set<number>()
  const itemDigests: string[] = []
  {
    await using reader = await openShard(root, shard, DEFAULT_READER_LIMITS, signal)
    for await (const sample of reader.samples()) {
      for (const item of sample.items) {
        if (item.unread) continue
        const sha256 = await digestItem(item, signal)
        digests[item.ordinal] = sha256
        const itemDigest = workspace.keyed.of("item", sha256)
        if (!targets.has(itemDigest)) continue
        itemDigests.push(itemDigest)
        found.add(sample.ordinal)
      }
    }
  }
  if (found.size === 0) return undefined
  if (isDryRun) return { path: shard.path, itemDigests, samplesRemoved: found.size, itemsRemoved: 0, stale: [] }

  const staging = await stagingFolder(workspace, root)
  try {
    const written = await writeCleanShard(
      { root, shard, outDir: staging, limits: DEFAULT_READER_LIMITS, mode: "purge" },
      (sample, item) => {
        const sha256 = digests[item.ordinal]
        if (found.has(sample.ordinal)) return { keep: false }
        return sha256 === undefined ? { keep: true } : { keep: true, sha256 }
      },
      signal,
    )
    await swap(root, shard, staging)
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

/** A file that was not staged held nothing but what is to go; a staged one takes its place. */
async function swap(root: string, shard: ShardPlan, staging: string): Promise<void> {
  const staged = new Set(await filesBelow(staging))
  for (const { path } of shard[LISTING]?.files ?? []) {
    const name = path.toString()
    if (staged.has(name)) await replaceFile(join(staging, name), join(root, name))
    else await removeFile(join(root, name))
  }
}
