/**
 * Summaries of hunts and purges for a server. Paths, bases, digests and entries stay in the workspace; only counts go.
 * @module
 */
import type { PurgeReceipt } from "@nightlight/contract"
import { MAX_FOLLOW_UP_DATASETS, type SharedHunt, type SharedPurge } from "@nightlight/contract/server"
import type { KeptHunt } from "../hunt/read-hunt.ts"
import type { History, PastScan } from "../in-place/history.ts"
import { coversWholeScan, type DatasetNow, knownInPlace } from "../in-place/known-in-place.ts"
import { countBy } from "./shared-report.ts"

/**
 * Makes the summary of a hunt. A dataset without a completed scan by then is left out.
 *
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function toSharedHunt(history: History, hunt: KeptHunt): SharedHunt {
  const { tool, huntedAt, indexVersion, coverage, scans } = hunt.report
  const byDataset = Map.groupBy(
    scans.flatMap((row) => scansNamed(history, [row.scan]).map(({ dataset }) => ({ row, dataset }))),
    ({ dataset }) => dataset,
  )
  const datasets = [...byDataset].flatMap(([dataset, hunted]) => {
    const now = knownInPlace(history, dataset, { at: huntedAt })
    if (now === undefined) return []
    const rows = hunted.map(({ row }) => row)
    const names = new Set(rows.map(({ scan }) => scan))
    const items = hunt.items.filter(({ scan }) => names.has(scan))
    return {
      ...stateOf(now),
      allShardsHunted: coversWholeScan(hunt, now.scan),
      newEntries: Math.max(...rows.map(({ newEntries }) => newEntries)),
      fingerprints: rows.reduce((sum, { fingerprints }) => sum + fingerprints, 0),
      items: Object.fromEntries(countBy(items, ({ decision }) => decision)),
      withdrawn: rows.reduce((sum, { withdrawn }) => sum + withdrawn.length, 0),
      orientations: rows.every(({ orientations }) => orientations),
    }
  })
  return {
    version: 1,
    tool,
    hunt: hunt.report.hunt,
    huntedAt,
    indexVersion,
    screened: coverage.some(({ trust }) => trust !== "test"),
    lists: coverage,
    datasets: datasets.slice(-MAX_FOLLOW_UP_DATASETS),
  }
}

/**
 * Makes the summary of a purge: the datasets whose items were to be removed, and others that lost items.
 *
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function toSharedPurge(history: History, receipt: PurgeReceipt): SharedPurge {
  const { tool, purge, scan, from, basis, purgedAt, itemsKnown, itemsRemoved, samplesRemoved, gone } = receipt
  const named = scan.startsWith("h-") ? scansOfHunt(history, scan) : [scan]
  // A purge of a copy does not count for the source, unless the two share files.
  const meant = new Set(from === undefined ? scansNamed(history, named).map(({ dataset }) => dataset) : [])
  const upToIt = history.purges.slice(0, history.purges.indexOf(receipt) + 1)
  const datasets = [...new Set(history.scans.map(({ dataset }) => dataset))].flatMap((dataset) => {
    const now = knownInPlace(history, dataset, { at: purgedAt, purges: upToIt })
    if (now === undefined) return []
    if (meant.has(dataset)) return stateOf(now)
    const before = knownInPlace(history, dataset, { at: purgedAt, purges: upToIt.slice(0, -1) })
    return before?.inPlace.items === now.inPlace.items ? [] : stateOf(now)
  })
  return {
    version: 1,
    tool,
    purge,
    scanOrHunt: scan,
    purgedAt,
    copy: from !== undefined,
    basis: basis === "sealed" ? "sealed" : "named",
    itemsKnown,
    itemsRemoved,
    samplesRemoved,
    gone,
    shards: receipt.shards.length,
    failed: Object.fromEntries(countBy(receipt.failed, ({ code }) => code)),
    datasets: datasets.slice(-MAX_FOLLOW_UP_DATASETS),
  }
}

function stateOf({ scan, isComplete, inPlace }: DatasetNow): SharedPurge["datasets"][number] {
  return { dataset: scan.dataset, scan: scan.record.scan, fullyScreened: isComplete, inPlace }
}

function scansNamed({ scans }: History, names: readonly string[]): readonly PastScan[] {
  return scans.filter(({ record }) => names.includes(record.scan))
}

function scansOfHunt({ hunts }: History, name: string): readonly string[] {
  return hunts.filter(({ report }) => report.hunt === name).flatMap(({ items }) => items.map(({ scan }) => scan))
}
