/**
 * The summary of a scan's report for a server. Paths, file names and list entries stay in the workspace; only counts
 * go.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import { MAX_TIMELINE_POINTS, type SharedScanReport } from "@nightlight/contract/server"
import { canonicalJson, compact } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { ScanRecord } from "../scan/scan-record.ts"

/**
 * Makes the summary of a scan's report.
 *
 * @param dataset - Key of the folders and files that were scanned, see {@link datasetKey}.
 */
export function toSharedReport(report: ScanReport, dataset: string): SharedScanReport {
  const { inputs, flooding, inPlace, clean, poison, failed, timeline, ...others } = report
  const { out: _out, conditionalWrites: _conditionalWrites, commit: _commit, ...rest } = others
  return {
    ...rest,
    dataset,
    inputs: inputs.length,
    flooding: [...countBy(flooding, ({ list }) => list)].map(([list, entries]) => ({ list, entries })),
    inPlace: { items: inPlace.items, test: inPlace.test, shards: inPlace.shards.length },
    ...compact({ clean: clean === undefined ? undefined : { ...clean, stale: clean.stale.length } }),
    poison: Object.fromEntries(countBy(poison, ({ code }) => code)),
    failed: Object.fromEntries(countBy(failed, ({ code }) => code)),
    timeline: thinned(timeline),
  }
}

/** A key for the folders and files of a scan: the same whenever the same ones are scanned, in whatever order. */
export function datasetKey({ sources }: Pick<ScanRecord, "sources">, keyed: KeyedDigest): string {
  return keyed.of("dataset", canonicalJson(sources.toSorted()))
}

/** Counts values by name, in the order of first occurrence. */
export function countBy<T>(values: readonly T[], nameOf: (value: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(nameOf(value), (counts.get(nameOf(value)) ?? 0) + 1)
  return counts
}

/** Consecutive shards share a point: equally many each, except the last. */
function thinned(timeline: ScanReport["timeline"]): SharedScanReport["timeline"] {
  const size = Math.max(1, Math.ceil(timeline.length / MAX_TIMELINE_POINTS))
  const points: SharedScanReport["timeline"] = []
  for (let offset = 0; offset < timeline.length; offset += size) {
    const together = timeline.slice(offset, offset + size)
    const last = together.at(-1)
    if (last === undefined) continue
    points.push({
      finishedAt: last.finishedAt,
      seconds: together.reduce((sum, { seconds }) => sum + seconds, 0),
      items: together.reduce((sum, { items }) => sum + items, 0),
    })
  }
  return points
}
