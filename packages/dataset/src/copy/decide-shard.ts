/**
 * Decides which samples of a shard are rewritten.
 * @module
 */

import { compact } from "@nightlight/core"
import type { Container } from "../containers/container.ts"
import type { CopyMode, KeptItem, SampleDecision, ShardDecision } from "../containers/decision.ts"
import { isMetadataTable } from "../readers/stem-groups.ts"
import type { Sample, ShardReader } from "../readers/types.ts"
import type { Keep } from "./types.ts"

const SHA256 = /^[0-9a-f]{64}$/

/** Reads a shard and asks about every item. A sample is kept if all of its items are, unless the container drops it. */
export async function decideShard(
  reader: ShardReader,
  { container, mode }: { readonly container: Container; readonly mode: CopyMode },
  keep: Keep,
): Promise<ShardDecision> {
  const samples: SampleDecision[] = []
  for await (const sample of reader.samples()) samples[sample.ordinal] = decideSample(sample, mode, keep)
  const members = samples.filter(({ isSidecar }) => !isSidecar)
  const isIncomplete = members.some(({ clear }) => !clear)
  const also = isIncomplete ? container.dropAffected?.(members, mode) : undefined
  const written = samples.filter(({ clear }) => clear).length
  return {
    kept: keptOf(members),
    keptSidecars: keptOf(samples.filter(({ isSidecar }) => isSidecar)),
    samplesWritten: written,
    samplesDropped: samples.length - written,
    isIncomplete,
    keyCollisions: also?.keyCollisions ?? 0,
    staleTables: also?.staleTables ?? [],
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
    items.push({ ordinal: item.ordinal, kept: compact({ sha256 }) })
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

function keptOf(samples: readonly SampleDecision[]): readonly (KeptItem | undefined)[] {
  return samples
    .flatMap(({ clear, items }) => items.map(({ ordinal, kept }) => ({ ordinal, kept: clear ? kept : undefined })))
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ kept }) => kept)
}
