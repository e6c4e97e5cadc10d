/**
 * Reports what a scan would screen, without screening it.
 * @module
 */
import { DependencyError, SNIFF_BYTES, type SniffedMedia, sniffMedia } from "@nightlight/core"
import { hasContentHashes } from "@nightlight/screening"
import { yieldEvery512 } from "../containers/item-builder.ts"
import { listingOf } from "../plan/open-shard.ts"
import { planDataset } from "../plan/plan-dataset.ts"
import type { DatasetPlan } from "../plan/types.ts"
import { sourcePath } from "../readers/paths.ts"
import { openFileSource } from "../readers/source.ts"
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
  /** False where only test lists are present. */
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
  const plan = await planDataset(request.inputs, { exclude: [workspace.layout.root], excludePaths }, signal)
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

async function fileTypes({ root, shards }: DatasetPlan, signal: AbortSignal): Promise<readonly FileType[]> {
  const types = new Map<string, FileType>()
  let count = 0
  for (const shard of shards) {
    if (shard.layout !== "loose") continue
    for (const file of listingOf(shard).files) {
      await yieldEvery512(++count)
      signal.throwIfAborted()
      const { mediaType, kind } = typeOf(sourcePath(root, file), file.sizeBytes)
      const { files, bytes } = types.get(mediaType) ?? { files: 0, bytes: 0 }
      const isRead = kind !== "opaque" && kind !== "unknown"
      types.set(mediaType, { mediaType, files: files + 1, bytes: bytes + file.sizeBytes, isRead })
    }
  }
  return [...types.values()].toSorted((a, b) => b.files - a.files)
}

function typeOf(path: Buffer, sizeBytes: number): SniffedMedia {
  try {
    using source = openFileSource(path)
    return sniffMedia(source.read(0, SNIFF_BYTES), sizeBytes)
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error
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
