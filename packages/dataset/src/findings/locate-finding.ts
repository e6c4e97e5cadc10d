/**
 * Finds the name of a finding's item by reading its shard again: no name is kept anywhere.
 * @module
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { DependencyError, hasCode, RequestError, ShardError } from "@nightlight/core"
import { openShard } from "../plan/open-shard.ts"
import { planDataset } from "../plan/plan-dataset.ts"
import { sidecarNames } from "../plan/shard-sidecars.ts"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { digestItem } from "../readers/digest-item.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import type { Item } from "../readers/types.ts"
import { findKept } from "../scan/find-finding.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import type { KeptFinding } from "../scan/superseded.ts"
import { isStoreAddress } from "../stores/address.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { findRecord } from "./list-findings.ts"
import { locateRow } from "./locate-row.ts"

/** Where an item is. Holds its name: for the terminal of the person who asked, and nothing else. */
export interface LocatedItem {
  readonly id: string
  readonly scan: string
  /** Absolute path of the file: the shard's own, or a separate one. */
  readonly file: string
  /** Name within the shard, `!/` before each name within a nested archive. */
  readonly member?: string
  /**
   * Whether its content is what was found: `moved` where it stands in another place of the shard or folder now;
   * `unknown` where nothing of it could be read, so that it has no digest to compare.
   */
  readonly content: "same" | "moved" | "unknown"
}

/**
 * Locates a finding's item. The act is recorded in the log before the name is returned.
 *
 * @param id - A finding's id, or at least its first eight digits.
 * @throws {RequestError} `input_invalid`; `not_found` if there is no such finding, or its item is not there any more.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function locateFinding(workspace: Workspace, id: string, signal: AbortSignal): Promise<LocatedItem> {
  const kept = findKept(workspace, id)
  const record = findRecord(workspace, kept.finding.scan)
  const located = await search({ workspace, record, kept }, signal)
  await workspace.record("finding.located", {
    finding: kept.finding.id,
    scan: record.scan,
    found: located !== undefined,
  })
  if (located !== undefined) return { id: kept.finding.id, scan: record.scan, ...located }
  throw new RequestError("not_found", "the item is not there any more: its shard was changed, moved or removed", {
    hint: "The finding stays. Where its evidence is sealed, the custodian can open that.",
  })
}

interface Search {
  readonly workspace: Workspace
  readonly record: ScanRecord
  readonly kept: KeptFinding
}

type Place = Pick<LocatedItem, "file" | "member" | "content">

async function search(job: Search, signal: AbortSignal): Promise<Place | undefined> {
  const { layout, path } = job.kept.receipt.shard
  if (isStoreAddress(job.record.root)) return searchStore(job, signal)
  if (layout === "packed") {
    const file = join(job.record.root, path)
    if (!existsSync(file)) return undefined
    const beside = sidecarNames(path).map((name) => join(job.record.root, name))
    const plan = await planDataset([file, ...beside.filter((name) => existsSync(name))], {}, signal)
    const shard = plan.shards.find((one) => one.layout === "packed" && join(plan.root, one.path) === file)
    return shard === undefined ? undefined : searchShard(job, plan, shard, signal)
  }
  const there = job.record.sources.filter((source) => existsSync(source))
  if (there.length === 0) return undefined
  const options = { exclude: [job.workspace.layout.root], excludePaths: job.record.exclude }
  const plan = await planDataset(there, options, signal)
  // The same files first; else the item may be among others by now.
  const loose = plan.shards.filter((shard) => shard.layout === "loose")
  for (const shard of loose.toSorted((a, b) => Number(b.path === path) - Number(a.path === path))) {
    const found = await searchShard(job, plan, shard, signal)
    if (found !== undefined) return found
  }
  return undefined
}

/** Searches a bucket or a repository, which is listed as a whole: it has no folders to look into. */
async function searchStore(job: Search, signal: AbortSignal): Promise<Place | undefined> {
  const { record, workspace, kept } = job
  const { layout, path } = kept.receipt.shard
  const options = { excludePaths: record.exclude, s3: workspace.config.s3 }
  const plan = await planDataset(record.sources, options, signal).catch((error: unknown) => {
    if (hasCode(error, "not_found")) return undefined
    throw error
  })
  const shards = (plan?.shards ?? []).filter((shard) => shard.layout === layout)
  const wanted = layout === "packed" ? shards.filter((shard) => shard.path === path) : shards
  for (const shard of wanted.toSorted((a, b) => Number(b.path === path) - Number(a.path === path))) {
    const found = plan && (await searchShard(job, plan, shard, signal))
    if (found !== undefined) return found
  }
  return undefined
}

/** Looks for the item at its place, and for its content in every other place of the shard. */
async function searchShard(
  { workspace, kept }: Search,
  { root }: DatasetPlan,
  shard: ShardPlan,
  signal: AbortSignal,
): Promise<Place | undefined> {
  const { finding, receipt } = kept
  const { itemDigest, ordinal, sizeBytes } = finding
  // The label of separate files says which these are.
  const isShard = shard.layout === "packed" || shard.path === receipt.shard.path
  const isUnchanged = isShard && shard.sizeBytes === receipt.shard.sizeBytes
  const isSame = async (item: Item): Promise<boolean> =>
    item.unread !== true &&
    item.sizeBytes === sizeBytes &&
    workspace.keyed.of("item", await digestItem(item, signal)) === itemDigest
  let moved: Place | undefined
  try {
    const row = await locateRow(workspace, kept, shard, signal)
    if (row === "absent") return undefined
    if (row !== undefined) {
      return { file: placeIn(root, shard.path), member: row.place, content: row.isAtPlace ? "same" : "moved" }
    }
    await using reader = await openShard(shard, DEFAULT_READER_LIMITS, signal)
    for await (const { items } of reader.samples()) {
      for (const item of items) {
        const isAtPlace = item.ordinal === ordinal && isShard
        if (itemDigest === undefined) {
          if (isAtPlace && isUnchanged) return placeOf(root, shard, item, "unknown")
        } else if ((isAtPlace || moved === undefined) && (await isSame(item))) {
          if (isAtPlace) return placeOf(root, shard, item, "same")
          moved = placeOf(root, shard, item, "moved")
        }
      }
    }
  } catch (error) {
    // A shard that ends early was set aside, and what was found in it stands before that.
    if (!(error instanceof ShardError || isGone(error))) throw error
  }
  return moved
}

function isGone(error: unknown): boolean {
  return error instanceof DependencyError && error.code === "source_changed"
}

function placeOf(
  root: string,
  { layout, path }: ShardPlan,
  { place, role }: Item,
  content: LocatedItem["content"],
): Place {
  if (layout === "packed" && role !== "sidecar") return { file: placeIn(root, path), member: place, content }
  const [file = place, ...inner] = place.split("!/")
  const name = placeIn(root, file)
  return inner.length === 0 ? { file: name, content } : { file: name, member: inner.join("!/"), content }
}

/** An address keeps its slashes, which `join` would fold. */
function placeIn(root: string, path: string): string {
  return isStoreAddress(root) ? `${root}/${path}` : join(root, path)
}
