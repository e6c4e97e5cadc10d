/**
 * Reports what a scan would screen, without screening it.
 * @module
 */
import { hasCode, SNIFF_BYTES, type SniffedMedia, sniffMedia } from "@nightlight/core"
import { hasContentHashes } from "@nightlight/screening"
import { yieldEvery512 } from "../containers/item-builder.ts"
import { listingOf } from "../plan/open-shard.ts"
import { planDataset } from "../plan/plan-dataset.ts"
import type { DatasetPlan } from "../plan/types.ts"
import type { ListedFile } from "../readers/listing.ts"
import { inOrder } from "../stores/in-order.ts"
import type { DatasetStore } from "../stores/store.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { excludedPaths } from "./excluded-paths.ts"
import type { ScanRequest } from "./request.ts"

/** Counts of a scan's shards and bytes, read without decoding anything. */
export interface ScanPreview {
  readonly root: string
  readonly shards: number
  readonly bytes: number
  /** Shards by kind. */
  readonly kinds: Readonly<Record<string, number>>
  /** Number of skipped files, by reason. */
  readonly skipped: Readonly<Record<string, number>>
  /** Separate files by media type, as their first bytes say, the most frequent first. */
  readonly types: readonly FileType[]
  /** Whether more than half of these files, or of their bytes, would be withheld unread. */
  readonly isMostUnread: boolean
  readonly lists: readonly { readonly name: string; readonly trust: string }[]
  /** False where no real list has hashes of files: one of addresses checks none. */
  readonly screened: boolean
}

/** Separate files of one media type. */
export interface FileType {
  readonly mediaType: string
  readonly files: number
  readonly bytes: number
  /** Whether a scan looks into such files; it withholds all others, unless the policy names their type. */
  readonly isRead: boolean
}

/**
 * Plans a scan and opens the index it would use.
 *
 * @throws as `runScan` does for a bad input or an index that is not to be trusted.
 */
export async function previewScan(
  workspace: Workspace,
  request: Pick<ScanRequest, "inputs" | "exclude">,
  signal: AbortSignal,
): Promise<ScanPreview> {
  const excludePaths = excludedPaths(workspace, request)
  const plan = await planDataset(
    request.inputs,
    { exclude: [workspace.layout.root], excludePaths, s3: workspace.config.s3 },
    signal,
  )
  const types = await fileTypes(plan, signal)
  await using index = await workspace.openIndex()
  const { lists } = index
  return {
    root: plan.root,
    shards: plan.shards.length,
    bytes: plan.shards.reduce((total, shard) => total + shard.sizeBytes, 0),
    kinds: countBy(plan.shards.map((shard) => shard.kind)),
    skipped: countBy(plan.strays.map((stray) => stray.code)),
    types,
    isMostUnread: isMostUnread(types),
    lists: lists.map(({ name, trust }) => ({ name, trust })),
    screened: lists.some((list) => list.trust !== "test" && hasContentHashes(list)),
  }
}

/** Most plain files in a store elsewhere that are looked into: each costs a call. */
const MAX_REMOTE_FILES = 2_000
const REMOTE_AT_ONCE = 16

/** The types of plain files. In a store elsewhere, none where there are too many to look into. */
async function fileTypes({ store, shards }: DatasetPlan, signal: AbortSignal): Promise<readonly FileType[]> {
  const loose = shards.flatMap((shard) => (shard.layout === "loose" ? listingOf(shard).files : []))
  if (store.isRemote && loose.length > MAX_REMOTE_FILES) return []
  let count = 0
  const found = await inOrder(loose, store.isRemote ? REMOTE_AT_ONCE : 1, async (file) => {
    await yieldEvery512(++count)
    signal.throwIfAborted()
    return { media: await typeOf(store, file), sizeBytes: file.sizeBytes }
  })
  const types = new Map<string, FileType>()
  for (const { media, sizeBytes } of found) {
    const { mediaType, kind } = media
    const { files, bytes } = types.get(mediaType) ?? { files: 0, bytes: 0 }
    const isRead = kind !== "opaque" && kind !== "unknown"
    types.set(mediaType, { mediaType, files: files + 1, bytes: bytes + sizeBytes, isRead })
  }
  return [...types.values()].toSorted((a, b) => b.files - a.files)
}

async function typeOf(store: DatasetStore, file: ListedFile): Promise<SniffedMedia> {
  try {
    return sniffMedia(await store.readHead(file, SNIFF_BYTES), file.sizeBytes)
  } catch (error) {
    if (!hasCode(error, "source_unreadable") && !hasCode(error, "source_changed")) throw error
    return { mediaType: "application/octet-stream", kind: "unknown" }
  }
}

function isMostUnread(types: readonly FileType[]): boolean {
  const sum = (of: readonly FileType[], by: "files" | "bytes") => of.reduce((total, type) => total + type[by], 0)
  const unread = types.filter(({ isRead }) => !isRead)
  return (["files", "bytes"] as const).some((by) => 2 * sum(unread, by) > sum(types, by))
}

/** Counts equal names. */
export function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
