/**
 * Writes the lists by which a DataComp pool is cleaned: the ids of the rows that stay, or of those of a subset, and
 * those of the rows that a scan withheld.
 *
 * Source: DataComp, `resharder.py`: a subset file has the ids of the samples to be kept, in ascending order; an id that
 * it has twice is kept twice.
 * @module
 */
import { mkdir, realpath, rm, stat } from "node:fs/promises"
import { basename, dirname, join, relative } from "node:path"
import { compact, RequestError } from "@nightlight/core"
import { ensureDirPrivate, withLock } from "@nightlight/durable"
import { openShardFile } from "../containers/packed.ts"
import { readFooter } from "../containers/parquet/footer.ts"
import { PARQUET } from "../containers/parquet/malformed.ts"
import { Budget } from "../containers/rows/budget.ts"
import { findRecord } from "../findings/list-findings.ts"
import { assertUnchanged, listingOf } from "../plan/open-shard.ts"
import { createProgress, followShard, type ShardsProgress } from "../progress.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import { type ScanFolder, scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import type { WorkspaceLayout } from "../workspace/layout.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { type MergedCounts, mergeLists } from "./merge-lists.ts"
import { readSubset } from "./read-subset.ts"
import { readSampleUids } from "./sample-uids.ts"
import { type ScanPlace, type ScreenedShard, screenedShards, withheldSamples } from "./screened-shards.ts"
import { readTableUids, type SortedBy, uidColumnOf } from "./table-uids.ts"
import { UidSorter } from "./uid-sorter.ts"

/** Which lists to write. */
export interface DatacompRequest {
  /** The scan's name; the newest scan where absent. */
  readonly scan?: string
  /** Absolute path of the list of rows that stay, which is replaced. */
  readonly keep: string
  /** Absolute path of a subset: then only its rows stay. */
  readonly subset?: string
  /** Ids sorted in memory at once, for tests of the merging. */
  readonly partUids?: number
}

/** What was written. */
export interface DatacompResult extends MergedCounts {
  readonly scan: string
  /** Path of the list of withheld rows, in the workspace. */
  readonly removedList: string
  /** Tables that could not be read: their rows do not stay. */
  readonly unreadTables: number
}

/** Receives the progress of reading. */
export interface DatacompWatcher {
  /** Called once; `progress` is updated afterwards. */
  onPlan?(progress: Readonly<ShardsProgress>): void
}

/** Ids of withheld rows sorted in memory at once: they are few. */
const REMOVED_PART_UIDS = 2 ** 16

/**
 * Writes the lists of a finished scan, whose dataset must be as it was screened. Two runs write the same bytes.
 *
 * @throws {RequestError} `not_found`; `state_conflict` where the scan is not finished, had no real list, set a shard with
 * pictures aside, or withheld a sample without an id; `output_conflict`; `input_invalid` where no table has ids, a row
 * has none, or the subset is none.
 * @throws {DependencyError} `source_changed` where the dataset is not as it was screened; `source_unreadable`,
 * `disk_full`, `write_failed`, `locked`.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function exportDatacompLists(
  workspace: Workspace,
  request: DatacompRequest,
  watcher: DatacompWatcher,
  signal: AbortSignal,
): Promise<DatacompResult> {
  const record = findRecord(workspace, request.scan)
  const folder = scanFolder(workspace.layout.scans, record.scan)
  await assertPlace(request, record, workspace.layout)
  await ensureDirPrivate(folder.datacomp)
  const job = { workspace, request, record, folder }
  return withLock(join(folder.datacomp, "lock"), () => exportAlone(job, watcher, signal))
}

interface Job extends ScanPlace {
  readonly request: DatacompRequest
}

async function exportAlone(job: Job, watcher: DatacompWatcher, signal: AbortSignal): Promise<DatacompResult> {
  const { request, record, folder } = job
  const screened = await screenedShards(job, signal)
  const parts = join(folder.datacomp, "parts")
  // A process that was killed left its parts.
  await rm(parts, { recursive: true, force: true })
  await mkdir(parts, { mode: 0o700 })
  try {
    const { partUids } = request
    const sorterOf = (name: string, most?: number) => new UidSorter(compact({ folder: parts, name, partUids: most }))
    const to = { kept: sorterOf("kept", partUids), removed: sorterOf("removed", partUids ?? REMOVED_PART_UIDS) }
    // Read first: what is wrong with it is said before hours of work.
    const wanted = request.subset === undefined ? undefined : sorterOf("subset", partUids)
    if (request.subset !== undefined && wanted !== undefined) await readSubset(request.subset, wanted, signal)
    const readable = screened.filter(({ receipt }) => receipt.poison === undefined)
    const bytesTotal = readable.reduce((sum, { shard }) => sum + shard.sizeBytes, 0)
    const progress = createProgress(readable.length, bytesTotal)
    watcher.onPlan?.(progress)
    let tables = 0
    for (const one of readable) {
      signal.throwIfAborted()
      if (await readShard(folder, { ...one, progress }, to, signal)) tables++
    }
    if (tables === 0) {
      throw new RequestError("input_invalid", "no table of this scan has a column uid", {
        hint: "DataComp's pools are Parquet files with a row for each picture and its uid.",
      })
    }
    using kept = await to.kept.sorted()
    using removed = await to.removed.sorted()
    using subset = await wanted?.sorted()
    const removedList = join(folder.datacomp, "removed.npy")
    const places = { keep: request.keep, removed: removedList }
    const counts = await mergeLists(compact({ kept, removed, subset }), places, signal)
    return { scan: record.scan, ...counts, removedList, unreadTables: screened.length - readable.length }
  } finally {
    await rm(parts, { recursive: true, force: true })
  }
}

/** A shard that is read. */
interface ShardReading extends ScreenedShard {
  readonly progress: ShardsProgress
}

/** Reads the ids of a shard. @returns whether it is a table that has them. */
async function readShard(
  folder: ScanFolder,
  { shard, receipt, progress }: ShardReading,
  to: SortedBy,
  signal: AbortSignal,
): Promise<boolean> {
  const listing = listingOf(shard)
  const limits = DEFAULT_READER_LIMITS
  const withheld = withheldSamples(folder, receipt)
  const following = followShard(progress, shard.sizeBytes)
  try {
    if (shard.kind === "parquet") {
      using source = openShardFile({ listing })
      const footer = await readFooter(source, limits)
      const file = { source, footer, budget: new Budget(limits, source.sizeBytes, PARQUET) }
      const column = uidColumnOf(file)
      if (column !== undefined) {
        // The metadata of a table is its first sample, where there is any.
        const before = footer.keyValues.length > 0 ? 1 : 0
        const rows = new Set([...withheld].map((sample) => sample - before))
        const onRows = (count: number) => {
          progress.items += count
          following.advance(Math.round((shard.sizeBytes * count) / footer.rows))
        }
        await readTableUids({ file, column, path: shard.path, withheld: rows, onRows }, to, signal)
        assertUnchanged(listing)
        return true
      }
    }
    if (withheld.size > 0) await readSampleUids({ shard, withheld, limits }, to.removed, signal)
    return false
  } finally {
    following.finish()
  }
}

async function assertPlace(
  { keep, subset }: DatacompRequest,
  { out, sources }: ScanRecord,
  { root, ...parts }: WorkspaceLayout,
): Promise<void> {
  const folder = await realpath(dirname(keep)).catch(() => {
    throw new RequestError("not_found", `the folder ${dirname(keep)} does not exist`)
  })
  const path = join(folder, basename(keep))
  // A subset that is not there is reported when it is read.
  if (subset !== undefined && path === (await realpath(subset).catch(() => subset))) {
    throw new RequestError("output_conflict", "the list would replace the subset that it is made from", {
      hint: "Name another file by --keep.",
    })
  }
  if (![...sources, ...(out === undefined ? [] : [out])].every((place) => isOutside(place, path))) {
    throw new RequestError("output_conflict", "the list would lie inside the dataset or its clean copy", {
      hint: "Name a file beside them by --keep.",
    })
  }
  // The workspace is often the folder that one works in, so a list may lie beside its parts.
  const workspace = await realpath(root)
  const isPart = Object.values(parts).some((part) => !isOutside(join(workspace, relative(root, part)), path))
  if (isPart || (!isOutside(workspace, path) && !path.endsWith(".npy"))) {
    throw new RequestError("output_conflict", "the list would lie in a part of the workspace, or replace one", {
      hint: "Name a file that ends in .npy, or one outside of the workspace, by --keep.",
    })
  }
  const found = await stat(keep).catch(() => undefined)
  if (found === undefined || found.isFile()) return
  throw new RequestError("input_invalid", `${keep} is not a plain file, and is not replaced by a list`)
}

function isOutside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== "" && (way === ".." || way.startsWith("../"))
}
