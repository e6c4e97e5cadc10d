/**
 * Keeps img2dataset's counts of a shard true while known items are removed from it.
 * @module
 */
import { DependencyError, RequestError, ShardError } from "@nightlight/core"
import { shardName } from "../containers/index.ts"
import { keyOfFile } from "../containers/parquet/row-filter.ts"
import { readRowStatuses } from "../containers/parquet/row-statuses.ts"
import {
  countRowStatuses,
  isShardStats,
  MAX_STATS_BYTES,
  messagesIn,
  statsText,
} from "../containers/tables/shard-stats.ts"
import { describedFolder } from "../containers/tables/table-kind.ts"
import { listingOf } from "../plan/open-shard.ts"
import { planDataset } from "../plan/plan-dataset.ts"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import { pathOf } from "../readers/paths.ts"
import type { ReaderLimits } from "../readers/types.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { replaceFile, type StatingFile } from "./replace-file.ts"

/** Counts beside shards after a purge. */
export interface WrittenStats {
  /** Paths, relative to the root, of the counts that are true. */
  readonly correct: ReadonlySet<string>
  /**
   * Shards' names, without their endings, by the paths of their counts that are not: these could not be written, or
   * nothing says what they would be, such as a table with rows of pictures that are gone.
   */
  readonly stale: ReadonlyMap<string, string>
  /** Names of the shards whose counts could not be read or written. */
  readonly unwritten: ReadonlySet<string>
}

/**
 * Writes the counts beside these shards as img2dataset writes them for what is there now.
 */
export async function writeStats(
  workspace: Workspace,
  plan: DatasetPlan,
  stems: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<WrittenStats> {
  const correct = new Set<string>()
  const stale = new Map<string, string>()
  const unwritten = new Set<string>()
  const packed = plan.shards.filter(({ layout }) => layout === "packed")
  const shardsBy = Map.groupBy(packed, ({ path }) => shardName(path).stem)
  for (const stats of statsOf(plan)) {
    const path = pathOf(stats.file)
    const stem = stemOfStats(path)
    if (stem === undefined || !stems.has(stem)) continue
    try {
      const about = shardsBy.get(stem) ?? []
      if (await rewrite(workspace, { ...stats, root: plan.root, stem, about }, signal)) correct.add(path)
      else stale.set(path, stem)
    } catch (error) {
      const isLeft = error instanceof DependencyError || error instanceof ShardError || error instanceof RequestError
      if (!isLeft) throw error
      unwritten.add(stem)
      stale.set(path, stem)
    }
  }
  return { correct, stale, unwritten }
}

/** The name of the shard that counts describe, without its ending. */
export function stemOfStats(path: string): string | undefined {
  return isShardStats(path) ? describedFolder(path) : undefined
}

/** All files of such counts. */
export function statsOf({ shards }: DatasetPlan): readonly StatingFile[] {
  return shards.flatMap((shard) => {
    if (shard.layout !== "loose" || shard.last !== true) return []
    const listing = listingOf(shard)
    return listing.files.flatMap((file) => (isShardStats(pathOf(file)) ? [{ shard, listing, file }] : []))
  })
}

interface ShardCounts extends StatingFile {
  readonly root: string
  readonly stem: string
  /** The packed shards that they describe. */
  readonly about: readonly ShardPlan[]
}

async function rewrite(workspace: Workspace, stats: ShardCounts, signal: AbortSignal): Promise<boolean> {
  const { listing, file, stem } = stats
  if (file.sizeBytes > MAX_STATS_BYTES || listing.tableAt(stem) === undefined) return false
  using source = listing.store.open(file)
  const before = statsText(await source.read(0, source.sizeBytes))
  if (before === undefined) return false
  const after = await countsAfterPurge(workspace, { ...stats, text: before }, signal)
  if (after === undefined) return false
  if (after !== before) await replaceFile(workspace, stats, Buffer.from(after))
  return true
}

/**
 * The counts by the table's rows as they are after the purge; undefined where there is no table, or it has rows of
 * pictures that are gone.
 */
async function countsAfterPurge(
  { config }: Workspace,
  { root, stem, about, text }: ShardCounts & { readonly text: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const [first] = about
  if (first === undefined) return undefined
  const hasFolder = [...listingOf(first).filesBelow(Buffer.from(`${stem}/`))].length > 0
  const paths = about.map(({ path }) => path)
  if (hasFolder) paths.push(stem)
  // The files are others than those of the plan by now.
  const now = await planDataset(
    paths.map((path) => `${root}/${path}`),
    { s3: config.s3 },
    signal,
  )
  const table = now.shards.find(({ kind }) => kind === "parquet")
  if (table === undefined) return undefined
  const own = listingOf(table)
  const [tableFile] = own.files
  if (tableFile === undefined) return undefined
  const choices = { limits: DEFAULT_READER_LIMITS, signal }
  using source = own.store.open(tableFile)
  const counted = await readRowStatuses(source, messagesIn(text), choices)
  const isOwnPictures = about.length === 1 && !hasFolder
  if (!isOwnPictures) {
    const keys = await keysNow(now, choices)
    if (keys?.size !== (counted.statuses?.get("success") ?? counted.rows)) return undefined
  }
  return countRowStatuses(text, counted)
}

/** Keys of the samples that are there; undefined where a shard cannot be read. */
async function keysNow(
  { shards }: DatasetPlan,
  choices: { readonly limits: ReaderLimits; readonly signal: AbortSignal },
): Promise<ReadonlySet<string> | undefined> {
  const keys = new Set<string>()
  for (const shard of shards) {
    const listing = listingOf(shard)
    if (shard.layout === "loose") {
      for (const { path } of listing.files) keys.add(keyOfFile(path))
      continue
    }
    if (shard.kind === "parquet") continue
    const own = await listing.keysOf(shardName(shard.path).stem, undefined, choices)
    if (own === undefined) return undefined
    for (const key of own) keys.add(key)
  }
  return keys
}
