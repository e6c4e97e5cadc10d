/**
 * What of a shard goes into its clean copy: whole samples, and never two that a drop would make one.
 * @module
 */

import type { ShardKind } from "../plan/types.ts"
import { isMetadataTable } from "../readers/stem-groups.ts"
import type { Sample, ShardReader } from "../readers/types.ts"
import type { CleanShardJob, Keep } from "./types.ts"

type CopyMode = NonNullable<CleanShardJob["mode"]>

/** An item that is written. */
export interface KeptItem {
  /** SHA-256 that its bytes must have; absent only in a purge, for an item that could not be digested. */
  readonly sha256?: string
}

/** The verdict on a shard's own items, nested ones folded into their container. */
export interface ShardDecision {
  /** By position among the shard's own items in reading order; absent, dropped. */
  readonly kept: readonly (KeptItem | undefined)[]
  /** The same for the sidecar files beside a tar or zip. */
  readonly keptSidecars: readonly (KeptItem | undefined)[]
  readonly samplesWritten: number
  readonly samplesDropped: number
  readonly keyCollisions: number
  /** Whether something of the shard itself is dropped, sidecars aside. */
  readonly isIncomplete: boolean
  /** Tables inside a tar whose rows no longer hold, base names: dropped, but in a purge. */
  readonly staleTables: readonly string[]
}

interface SampleDecision {
  readonly key: string
  /** Loaders group by key: `false` for what they pass over. */
  readonly isKeyed: boolean
  readonly isSidecar: boolean
  readonly table: string | undefined
  /** By ordinal of a depth-0 item, its digest. */
  readonly items: readonly { readonly ordinal: number; readonly kept: KeptItem }[]
  clear: boolean
}

const SHA256 = /^[0-9a-f]{64}$/

/**
 * Reads a shard and asks about every item. A sample is kept if all of its items are.
 *
 * In a tar a clear sample is dropped all the same if it has the key of one that was withheld (the caption of a
 * picture that stands elsewhere), or if, with what lay between gone, loaders would join it to the sample before.
 */
export async function decideShard(
  reader: ShardReader,
  { kind, mode = "clean" }: { readonly kind: ShardKind; readonly mode?: CopyMode | undefined },
  keep: Keep,
): Promise<ShardDecision> {
  const samples: SampleDecision[] = []
  for await (const sample of reader.samples()) samples[sample.ordinal] = decideSample(sample, mode, keep)
  const members = samples.filter(({ isSidecar }) => !isSidecar)
  const isTar = kind === "tar" || kind === "tar.gz"
  const withheld = members.filter(({ clear }) => !clear).length
  const keyCollisions = isTar && withheld > 0 ? dropCollisions(members) : 0
  const staleTables = isTar && withheld > 0 ? staleTablesOf(members, mode) : []
  const written = samples.filter(({ clear }) => clear).length
  return {
    kept: keptOf(members),
    keptSidecars: keptOf(samples.filter(({ isSidecar }) => isSidecar)),
    samplesWritten: written,
    samplesDropped: samples.length - written,
    keyCollisions,
    isIncomplete: withheld > 0,
    staleTables,
  }
}

function decideSample(sample: Sample, mode: CopyMode, keep: Keep): SampleDecision {
  let clear = true
  const items: { ordinal: number; kept: KeptItem }[] = []
  for (const item of sample.items) {
    const answer = keep(sample, item)
    const sha256 = answer.keep && SHA256.test(answer.sha256 ?? "") ? answer.sha256 : undefined
    if (!answer.keep || (mode === "clean" && item.refused !== undefined)) clear = false
    if (item.depth > 0) continue
    if (mode === "clean" && sha256 === undefined) clear = false
    items.push({ ordinal: item.ordinal, kept: sha256 === undefined ? {} : { sha256 } })
  }
  const [first] = sample.items
  const place = first?.place ?? ""
  return {
    key: sample.key,
    isKeyed: first?.skippedByLoaders !== true,
    isSidecar: first?.role === "sidecar",
    table: isMetadataTable(place) ? place.slice(place.lastIndexOf("/") + 1) : undefined,
    items,
    clear,
  }
}

function dropCollisions(samples: readonly SampleDecision[]): number {
  const keyed = samples.filter(({ isKeyed }) => isKeyed)
  const withheld = new Set(keyed.filter(({ clear }) => !clear).map(({ key }) => key))
  let before: string | undefined
  let dropped = 0
  for (const sample of keyed) {
    if (!sample.clear) continue
    if (withheld.has(sample.key) || sample.key === before) {
      sample.clear = false
      dropped++
    } else {
      before = sample.key
    }
  }
  return dropped
}

function staleTablesOf(samples: readonly SampleDecision[], mode: CopyMode): readonly string[] {
  return samples.flatMap((sample) => {
    if (sample.table === undefined || !sample.clear) return []
    if (mode === "clean") sample.clear = false
    return [sample.table]
  })
}

function keptOf(samples: readonly SampleDecision[]): readonly (KeptItem | undefined)[] {
  return samples
    .flatMap(({ clear, items }) => items.map(({ ordinal, kept }) => ({ ordinal, kept: clear ? kept : undefined })))
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ kept }) => kept)
}
