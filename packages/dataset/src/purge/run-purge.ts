/**
 * `nightlight purge`: removes known items from a source or a copy, if they are sealed or an order is recorded.
 * @module
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { PURGE_FORMAT, type PurgeReceipt } from "@nightlight/contract"
import { compact, DependencyError, RequestError, ShardError } from "@nightlight/core"
import { ensureDirPrivate, removeStaleTemps, signDocument, withLock, writeFileAtomic } from "@nightlight/durable"
import { openEvidenceStore } from "@nightlight/vault"
import { shardName } from "../containers/index.ts"
import { namesIn } from "../names-in.ts"
import { planDataset } from "../plan/plan-dataset.ts"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { createProgress, followShard, type ShardsProgress } from "../progress.ts"
import { NO_BYTES_SHA256 } from "../readers/digest-item.ts"
import type { Item } from "../readers/types.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import { COLUMN_ROWS } from "../scan/screen-columns.ts"
import { isStoreAddress } from "../stores/address.ts"
import { TOOL } from "../tool.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { PurgedCounts } from "./counts.ts"
import { CurrentLists } from "./current-lists.ts"
import { type FoundPlaces, type KnownItem, type KnownItems, knownItems } from "./known-items.ts"
import { type PurgedShard, purgeShard } from "./purge-shard.ts"
import { readPurges } from "./receipts.ts"
import { noFilesAnyMore, notScreened, shardsWith } from "./shards-to-search.ts"
import { writeStats } from "./stats.ts"
import { StatsJournal } from "./stats-journal.ts"

/** The items to remove, the place, and the legal basis. */
export interface PurgeRequest {
  readonly scan: string
  /** A copy of the dataset, instead of the scan's own source. */
  readonly from?: string
  /** Person and reason of the decision; required for items that are not sealed. */
  readonly basis?: string
  /** Include review-only items. */
  readonly includeReview?: boolean
  /** Only report what would be removed. */
  readonly dryRun?: boolean
  /** Rows from which a table of addresses and digests is searched by columns, for tests that compare both ways. */
  readonly columnRows?: number
}

/** Progress of a purge. */
export interface PurgeProgress extends ShardsProgress {
  /** Known items removed, or found in a dry run. */
  removed: number
}

/** Receives a purge's progress. */
export interface PurgeWatcher {
  /** Called once, before the first shard, if there is one; `progress` is updated afterwards. */
  onPlan?(progress: Readonly<PurgeProgress>): void
}

/** The result of a purge. */
export interface PurgeReport {
  readonly purge: string
  readonly scan: string
  readonly shards: readonly PurgedShard[]
  readonly itemsKnown: number
  readonly itemsRemoved: number
  readonly samplesRemoved: number
  /**
   * Known items that are no longer there: of the source, each at its place; of a copy, each once. 0 where a shard failed,
   * since that is not known then.
   */
  readonly gone: number
  /** Review-only matches, left in place. */
  readonly undecided: number
  /** Shards that could not be read or written to their end: their known items may still be in place. */
  readonly failed: readonly { readonly path: string; readonly code: string }[]
  readonly dryRun: boolean
}

/**
 * Removes known items, each found by digesting the current content.
 *
 * @throws {RequestError} `not_found`; `state_conflict` if an item is neither sealed nor covered by `basis`.
 * @throws {DependencyError} `locked`, or if receipt or log cannot be written.
 */
export async function runPurge(
  workspace: Workspace,
  request: PurgeRequest,
  watcher: PurgeWatcher,
  signal: AbortSignal,
): Promise<PurgeReport> {
  const { purges } = workspace.layout
  await ensureDirPrivate(purges)
  // Planned under the lock, because another purge changes the files.
  return withLock(join(purges, "lock"), async () => {
    await removeStaleTemps(purges)
    return purgeAlone(workspace, request, watcher, signal)
  })
}

async function purgeAlone(
  workspace: Workspace,
  request: PurgeRequest,
  watcher: PurgeWatcher,
  signal: AbortSignal,
): Promise<PurgeReport> {
  const { scan, basis, dryRun = false } = request
  const { columnRows = COLUMN_ROWS } = request
  const { record, screenings, items, undecided, places } = knownItems(workspace, scan, request.includeReview ?? false)
  if (basis === undefined && !dryRun) await assertSealed(workspace, items)
  const withVersions = shardsWithVersions(workspace)
  const sources = request.from === undefined ? whatIsThere(record) : [request.from]
  const plan = await planDataset(sources, { exclude: [workspace.layout.root], s3: workspace.config.s3 }, signal)
  if (!dryRun) assertEditable(plan)
  await using _claim = dryRun ? undefined : await plan.store.editor?.claim?.()
  // A copy may be cut into other shards, so all of it is searched.
  // A purge that was killed after its last shard left its folder there, and this one may have nothing to rewrite.
  if (!dryRun) await plan.store.editor?.removeLeftovers(workspace.signer.keyId)
  const isSource = request.from === undefined
  const shards = isSource ? shardsWith(items, record.root, plan) : [...plan.shards]
  const targets = new Set(items.map((item) => item.itemDigest))
  const noBytes = workspace.keyed.of("item", NO_BYTES_SHA256)
  const areEmptyStated = items.every(({ itemDigest, isStatedOnly }) => itemDigest !== noBytes || isStatedOnly)
  // A copy may have other rows at the same places.
  const foundIn = isSource ? atPaths(places, record.root) : new Map<string, FoundPlaces>()
  await using lists = new CurrentLists(workspace, items)
  const purge = nextPurgeId(workspace.layout.purges)
  if (!dryRun) await workspace.record("purge.started", { purge, scan, items: items.length, people: "one-person" })
  const progress: PurgeProgress = { ...createProgress(shards.length, sizeOf(shards)), removed: 0 }
  if (shards.length > 0) watcher.onPlan?.(progress)
  const counts = new PurgedCounts(workspace, plan)
  if (!dryRun) await counts.resume()
  const journal = new StatsJournal(workspace, plan)
  const purged: PurgedShard[] = []
  const failed: { path: string; code: string }[] = isSource ? noFilesAnyMore(items, record.root, plan) : []
  const purgeNext = async (shard: ShardPlan) => {
    const following = followShard(progress, shard.sizeBytes)
    const onItem = ({ depth, sizeBytes }: Item) => {
      progress.items++
      if (depth === 0) following.advance(sizeBytes)
    }
    const hadKnown = shard.layout === "packed" && (isSource || withVersions.has(join(plan.root, shard.path)))
    const onChange = async () => {
      await counts.begin()
      await journal.begin(shard)
    }
    const onChanged = (rows: readonly [number, number] | undefined) => counts.changed(shard, rows)
    const found = foundIn.get(join(plan.root, shard.path))
    const job = {
      workspace,
      shard,
      targets,
      areEmptyStated,
      columnRows,
      found,
      lists,
      isDryRun: dryRun,
      hadKnown,
      onItem,
      onChange,
      onChanged,
    }
    const { purged: done, failure } = await purgeShard(job, signal).catch((error: unknown) => {
      if (!(error instanceof DependencyError || error instanceof ShardError)) throw error
      return { purged: undefined, failure: error.code }
    })
    following.finish()
    if (failure !== undefined) failed.push({ path: shard.path, code: failure })
    if (done === undefined) return
    purged.push(done)
    progress.removed += done.itemDigests.length
    if (!dryRun) {
      await workspace.record("purge.shard-purged", { purge, shard: shard.id, items: done.itemDigests.length })
    }
  }
  for (const shard of shards) await purgeNext(shard)
  if (isSource && countGone(items, purged) > 0) {
    // What is no longer at its place may be in a shard that was renamed, replaced or added since.
    const others = notScreened(workspace, screenings, plan).filter((shard) => !shards.includes(shard))
    progress.shardsTotal += others.length
    progress.bytesTotal += sizeOf(others)
    for (const shard of others) await purgeNext(shard)
    shards.push(...others)
  }
  const changed = new Set(purged.map(({ path }) => path))
  // Of the source, all shards with known items: their counts may have been replaced since. In a copy, any shard would
  // be looked at.
  const counted = isSource ? shards : shards.filter(({ path }) => changed.has(path))
  const stems = new Set([...journal.left, ...counted.flatMap(stemOf)])
  const stats = dryRun ? undefined : await writeStats(workspace, plan, stems, signal)
  const correct = new Set([...(await counts.finish()), ...(stats?.correct ?? [])])
  const named = purged.map((shard) => ({ ...shard, stale: shard.stale.filter((path) => !correct.has(path)) }))
  const report = {
    purge,
    scan,
    shards: [...named, ...changedBefore(shards, journal.left, changed, stats?.stale)],
    itemsKnown: items.length,
    itemsRemoved: purged.reduce((total, { itemDigests }) => total + itemDigests.length, 0),
    samplesRemoved: purged.reduce((total, { samplesRemoved }) => total + samplesRemoved, 0),
    // Items of an unreadable shard may still be there.
    gone: failed.length > 0 ? 0 : countGone(isSource ? items : uniqueItems(items), purged),
    undecided,
    failed,
    dryRun,
  }
  if (!dryRun) {
    const unfinished = new Set(failed.map(({ path }) => path))
    const cleared = shards.filter(({ path }) => !unfinished.has(path))
    await keepReceipt(workspace, report, request, {
      root: plan.root,
      sources: plan.sources.map(({ path }) => path),
      targets: [...targets],
      clearedArchives: cleared.flatMap(({ layout, path }) => (layout === "packed" ? [path] : [])),
      clearedFiles: plan.shards.every((shard) => shard.layout === "packed" || cleared.includes(shard)),
    })
    if (stats !== undefined) await journal.finish(stats.unwritten)
  }
  return report
}

/** Known items that were not found, counted by their content. */
function countGone(items: readonly Pick<KnownItem, "itemDigest">[], purged: readonly PurgedShard[]): number {
  const left = new Map<string, number>()
  for (const { itemDigest } of items) left.set(itemDigest, (left.get(itemDigest) ?? 0) + 1)
  for (const digest of purged.flatMap(({ itemDigests }) => itemDigests)) left.set(digest, (left.get(digest) ?? 0) - 1)
  return [...left.values()].reduce((total, count) => total + Math.max(0, count), 0)
}

function uniqueItems(items: readonly KnownItem[]): readonly KnownItem[] {
  return [...new Map(items.map((item) => [item.itemDigest, item])).values()]
}

function sizeOf(shards: readonly ShardPlan[]): number {
  return shards.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
}

function atPaths(places: KnownItems["places"], root: string): ReadonlyMap<string, FoundPlaces> {
  return new Map([...places].map(([path, found]) => [join(root, path), found]))
}

function stemOf({ layout, path }: ShardPlan): readonly string[] {
  return layout === "packed" ? [shardName(path).stem] : []
}

/** Shards that a killed purge changed, and whose counts are still wrong: no receipt has named these. */
function changedBefore(
  shards: readonly ShardPlan[],
  left: ReadonlySet<string>,
  changed: ReadonlySet<string>,
  staleStats: ReadonlyMap<string, string> = new Map(),
): readonly PurgedShard[] {
  const stems = new Set(shards.filter(({ path }) => changed.has(path)).flatMap(stemOf))
  const byStem = Map.groupBy(shards, (shard) => stemOf(shard)[0])
  return [...staleStats].flatMap(([stats, stem]) => {
    if (!left.has(stem) || stems.has(stem)) return []
    const shard = byStem.get(stem)?.[0]
    if (shard === undefined) return []
    return [{ path: shard.path, itemDigests: [], samplesRemoved: 0, itemsRemoved: 0, stale: [stats] }]
  })
}

/** Shards of which an earlier purge could not remove all versions. */
function shardsWithVersions(workspace: Workspace): ReadonlySet<string> {
  const left = readPurges(workspace).flatMap(({ root, failed }) =>
    failed.flatMap(({ path, code }) => (code === "versions_left" ? [join(root, path)] : [])),
  )
  return new Set(left)
}

function assertEditable({ store }: DatasetPlan): void {
  if (store.editor !== undefined) return
  throw new RequestError("input_invalid", "this dataset can only be read: nothing can be removed from it here", {
    hint: "Remove the items where the dataset is kept, or purge a copy of it: --from FOLDER.",
  })
}

/** The scan's sources that still exist. @throws {RequestError} `not_found` if none does. */
function whatIsThere({ sources }: ScanRecord): readonly string[] {
  const there = sources.filter((path) => isStoreAddress(path) || existsSync(path))
  if (there.length > 0) return there
  throw new RequestError("not_found", "nothing that the scan read exists any more", {
    hint: "Name a copy by --from.",
  })
}

async function keepReceipt(
  workspace: Workspace,
  report: PurgeReport,
  { basis, from }: PurgeRequest,
  reach: Pick<PurgeReceipt, "root" | "sources" | "targets" | "clearedArchives" | "clearedFiles">,
): Promise<void> {
  const { purge, scan, shards, itemsKnown, itemsRemoved, samplesRemoved, gone, failed } = report
  const receipt = signDocument(
    compact({
      format: PURGE_FORMAT,
      tool: TOOL,
      purge,
      scan,
      from,
      basis: basis ?? "sealed",
      people: "one person",
      purgedAt: workspace.clock.now().toISOString(),
      itemsKnown,
      itemsRemoved,
      samplesRemoved,
      gone,
      ...reach,
      shards: shards.map((shard) => ({ ...shard })),
      failed: failed.map((shard) => ({ ...shard })),
    }),
    workspace.signer,
  )
  await writeFileAtomic(join(workspace.layout.purges, `${purge}.json`), `${JSON.stringify(receipt, null, 2)}\n`, 0o600)
  await workspace.record("purge.completed", { purge, scan, items: itemsRemoved, samples: samplesRemoved, gone })
}

/** An item is sealed where its bytes are, whichever place of them or version of the shard they were sealed from. */
async function assertSealed(workspace: Workspace, items: readonly KnownItem[]): Promise<void> {
  const { layout, manifest, keyed, clock } = workspace
  const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
  const sealed = new Set<string>()
  for (const { itemDigest, evidenceIds } of items) {
    for (const evidenceId of evidenceIds) {
      if (sealed.has(itemDigest)) break
      if ((await store.find(evidenceId))?.custody === "sealed") sealed.add(itemDigest)
    }
  }
  const unsealed = items.filter(({ itemDigest }) => !sealed.has(itemDigest)).length
  if (unsealed === 0) return
  throw new RequestError(
    "state_conflict",
    `${unsealed} of ${items.length} known items are not sealed: they may be removed only by a recorded order or report`,
    { hint: 'Name who decided the removal, and why: --basis "report 123, counsel, 2026-11-24".' },
  )
}

function nextPurgeId(purges: string): string {
  const last = namesIn(purges)
    .flatMap((name) => /^p-(\d{6})\.json$/.exec(name)?.[1] ?? [])
    .sort()
    .at(-1)
  return `p-${String(Number(last ?? 0) + 1).padStart(6, "0")}`
}
