/**
 * Counts the known items that a dataset still holds, from the scans, hunts and purges up to a time.
 * @module
 */
import { join, sep } from "node:path"
import type { PurgeReceipt } from "@nightlight/contract"
import type { SharedInPlace } from "@nightlight/contract/server"
import type { KeptHunt } from "../hunt/read-hunt.ts"
import type { History, KnownPlace, PastScan } from "./history.ts"

/** State of a dataset at a time. */
export interface DatasetNow {
  /** Its newest complete scan then; the newest of all where none was complete. */
  readonly scan: PastScan
  /** Whether that scan screened every shard, with real lists. */
  readonly isComplete: boolean
  readonly inPlace: SharedInPlace
}

/** The time up to which the history counts. */
export interface HistoryCutoff {
  readonly at: string
  /** Purges that count; those up to `at` unless given. */
  readonly purges?: readonly PurgeReceipt[]
}

/**
 * Counts the known items of a dataset: those of its newest complete scan, of later screenings and of hunts, less the
 * items that later purges removed. An item is subtracted only if a purge recorded that it is no longer there.
 *
 * @returns undefined where no scan of the dataset was completed.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function knownInPlace(history: History, dataset: string, upTo: HistoryCutoff): DatasetNow | undefined {
  const { at, purges = history.purges.filter(({ purgedAt }) => !isAfter(purgedAt, at)) } = upTo
  const scans = history.scans.filter((scan) => scan.dataset === dataset && !isAfter(scan.report.finishedAt, at))
  const lastComplete = scans.findLastIndex(isComplete)
  const scan = scans[lastComplete] ?? scans.at(-1)
  if (scan === undefined) return undefined
  // Later incomplete scans count for the archives that they did screen.
  const countedScans = scans.slice(Math.max(0, lastComplete))
  const places = new Map<string, KnownPlace>()
  for (const each of countedScans) {
    const archives = history.packedShardsOf(each)
    for (const [key, { shard }] of places) if (archives.has(shard)) places.delete(key)
    for (const place of history.knownOf(each)) places.set(keyOf(place), place)
  }
  const hunts = history.hunts.filter(({ report }) => !isAfter(report.huntedAt, at))
  const lastWhole = hunts.findLastIndex((hunt) => coversWholeScan(hunt, scan))
  for (const [position, hunt] of hunts.entries()) {
    // A hit in an older scan counts until a newer complete scan, or a hunt through all of it, supersedes it.
    const countsInEveryScan = position > lastWhole && isAfter(hunt.report.huntedAt, scan.report.finishedAt)
    const hunted = countsInEveryScan ? scans : countedScans
    for (const place of hunted.flatMap((each) => history.foundIn(each, hunt))) {
      const known = places.get(keyOf(place))
      // An item that matched only test lists may match a real one by now.
      if (known === undefined || (known.isTest && !place.isTest)) places.set(keyOf(place), place)
    }
  }
  let left: readonly KnownPlace[] = [...places.values()]
  for (const purge of purges) left = withoutPurged(left, purge, scan.record.sources)
  const known = left.filter(({ isTest }) => !isTest)
  return {
    scan,
    isComplete: isComplete(scan),
    inPlace: {
      items: known.length,
      test: left.length - known.length,
      shards: new Set(known.map(({ shard }) => shard)).size,
    },
  }
}

function isComplete({ report }: PastScan): boolean {
  return report.state === "complete" && report.screened
}

/** Whether a hunt removedCounts through all of a scan. */
export function coversWholeScan({ report }: KeptHunt, { record }: PastScan): boolean {
  return report.scans.some(({ scan, complete }) => scan === record.scan && complete)
}

/** Subtracts what a purge removed, or searched for and no longer found. */
function withoutPurged(
  places: readonly KnownPlace[],
  purge: PurgeReceipt,
  sources: readonly string[],
): readonly KnownPlace[] {
  const targets = new Set(purge.targets)
  const archives = new Set(purge.clearedArchives.map((path) => join(purge.root, path)))
  const isPartOfDataset = purge.sources.every((path) => sources.some((source) => isBeneath(path, source)))
  const coversDataset = sources.every((path) => purge.sources.some((source) => isBeneath(path, source)))
  // For unfinished shards and for plain files of a part: as many as were removed of each item.
  const removedCounts = new Map<string, number>()
  for (const { path, itemDigests, sha256 } of purge.shards) {
    const shard = sha256 === undefined ? "" : join(purge.root, path)
    for (const digest of itemDigests)
      removedCounts.set(`${shard} ${digest}`, (removedCounts.get(`${shard} ${digest}`) ?? 0) + 1)
  }
  return places.filter(({ shard, isPacked, itemDigest, seenAt }) => {
    if (itemDigest === undefined || !targets.has(itemDigest) || !isAfter(purge.purgedAt, seenAt)) return true
    if (isPacked ? archives.has(shard) : purge.clearedFiles && coversDataset) return false
    if (!isPacked && !isPartOfDataset) return true
    const key = `${isPacked ? shard : ""} ${itemDigest}`
    const count = removedCounts.get(key) ?? 0
    if (count > 0) removedCounts.set(key, count - 1)
    return count === 0
  })
}

function keyOf({ shard, ordinal, itemDigest }: KnownPlace): string {
  return `${shard}\n${ordinal}\n${itemDigest ?? ""}`
}

function isBeneath(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

function isAfter(time: string, other: string): boolean {
  return Date.parse(time) > Date.parse(other)
}
