/**
 * Estimates what a scan will take, by screening a sample of its items. Nothing is written.
 * @module
 */
import { availableParallelism } from "node:os"
import { RequestError, ShardError } from "@nightlight/core"
import { openFingerprinter, type Policy, type ScreeningPorts, screen } from "@nightlight/screening"
import { openShard } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import type { Item, ItemSource } from "../readers/types.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { decoderOptions } from "./create-context.ts"
import { planScan } from "./plan-scan.ts"

/** How much is sampled. */
export interface EstimateRequest {
  readonly inputs: readonly string[]
  readonly exclude?: readonly string[]
  /** The sample ends after this many seconds. */
  readonly seconds: number
}

/** What a scan is expected to take. Writing a clean copy is not included. */
export interface ScanEstimate {
  readonly shards: number
  readonly bytes: number
  readonly sample: {
    readonly shards: number
    readonly items: number
    /** Bytes of the shards that were read to their end, and of the items of the others. */
    readonly bytes: number
    readonly seconds: number
    /** Decoders that worked at once, one a core. */
    readonly cores: number
  }
  /** Items that the whole dataset is expected to have. */
  readonly items: number
  readonly itemsPerSecondAndCore: number
  readonly coreHours: number
}

/** Shards that are looked into, spread evenly over the dataset. */
const SAMPLE_SHARDS = 16

/**
 * Screens a sample and calculates from it.
 *
 * @throws {RequestError} `not_found` if there is nothing to screen, or nothing of it could be read; as `runScan`.
 * @throws {DependencyError} `decoder_unavailable`, `source_changed`, `source_unreadable`.
 */
export async function estimateScan(
  workspace: Workspace,
  { seconds, ...request }: EstimateRequest,
  signal: AbortSignal,
): Promise<ScanEstimate> {
  const plan = await planScan(workspace, request, signal)
  const { processes, profile, kernel } = workspace.config.scan
  const cores = processes === 0 ? availableParallelism() : processes
  await using index = await workspace.openIndex()
  await using decoder = await openFingerprinter(
    decoderOptions({ workspace, request, plan, record: { profile, kernel } }),
  )
  const ports: ScreeningPorts<ItemSource> = {
    fingerprint: (source, stop) => decoder.fingerprint(source, stop),
    index,
    classifiers: [],
    demo: false,
  }
  const policy = await workspace.readPolicy()
  const chosen = spread(
    plan.shards.filter((shard) => shard.last === undefined),
    SAMPLE_SHARDS,
  )
  const sample = new Sample(seconds, decoder.capacity)
  for (const [position, shard] of chosen.entries()) {
    await sample.take({ shard, share: 1 / (chosen.length - position) }, { ports, policy }, signal)
  }
  const taken = sample.result()
  if (taken.items === 0 || taken.bytes === 0) {
    throw new RequestError("not_found", "nothing of the input could be read, so there is nothing to estimate from")
  }
  const bytes = plan.shards.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
  const items = Math.round((taken.items / taken.bytes) * bytes)
  const itemsPerSecondAndCore = taken.items / taken.seconds / cores
  return {
    shards: plan.shards.length,
    bytes,
    sample: { shards: chosen.length, ...taken, cores },
    items,
    itemsPerSecondAndCore,
    coreHours: items / itemsPerSecondAndCore / 3_600,
  }
}

/** A sampled shard. */
interface SampledShard {
  readonly shard: ShardPlan
  /** The share of the time left that it may take. */
  readonly share: number
}

/** Screens items until the time is over, as many at once as the decoders take. */
class Sample {
  readonly #endsAt: number
  readonly #startedAt = performance.now()
  readonly #capacity: number
  #items = 0
  #bytes = 0

  constructor(seconds: number, capacity: number) {
    this.#endsAt = this.#startedAt + seconds * 1_000
    this.#capacity = capacity
  }

  async take(
    { shard, share }: SampledShard,
    { ports, policy }: { readonly ports: ScreeningPorts<ItemSource>; readonly policy: Policy },
    signal: AbortSignal,
  ): Promise<void> {
    const endsAt = performance.now() + (this.#endsAt - performance.now()) * share
    const inProgress = new Set<Promise<void>>()
    let bytes = 0
    let isWhole = false
    const begin = (item: Item) => {
      const work = screen({ source: item.source }, ports, policy, signal).then(() => {
        inProgress.delete(work)
      })
      inProgress.add(work)
      this.#items++
      if (item.depth === 0) bytes += item.sizeBytes
    }
    try {
      await using reader = await openShard(shard, DEFAULT_READER_LIMITS, signal)
      for await (const sample of reader.samples()) {
        for (const item of sample.items) {
          if (item.unread !== true) begin(item)
          if (inProgress.size >= this.#capacity) await Promise.race(inProgress)
        }
        if (performance.now() > endsAt) return
      }
      isWhole = true
    } catch (error) {
      // A broken shard is set aside in the scan too.
      if (!(error instanceof ShardError)) throw error
    } finally {
      await Promise.all(inProgress)
      this.#bytes += isWhole ? shard.sizeBytes : bytes
    }
  }

  result(): { readonly items: number; readonly bytes: number; readonly seconds: number } {
    const seconds = Math.max(0.001, (performance.now() - this.#startedAt) / 1_000)
    return { items: this.#items, bytes: this.#bytes, seconds }
  }
}

/** Picks `count` values at even distances, beginning with the first. */
function spread<T>(values: readonly T[], count: number): readonly T[] {
  if (values.length <= count) return values
  return Array.from({ length: count }, (_, index) => values[Math.floor((index * values.length) / count)] as T)
}
