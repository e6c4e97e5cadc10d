import type { DigestQuery } from "@nightlight/screening"
import type { ShardPlan } from "../plan/types.ts"
import type { Item, Sample, ShardReader } from "../readers/types.ts"
import type { ScanContext } from "./context.ts"
import type { SampleProvenance } from "./provenance.ts"

/** One item with everything known about it. */
export interface ItemTask {
  readonly context: ScanContext
  readonly shard: ShardPlan
  readonly reader: ShardReader
  readonly sample: Sample
  readonly item: Item
  /**
   * The sample's origin, of several statements the first; empty where several records are one sample, since it is not
   * known whose an item is.
   */
  readonly provenance: SampleProvenance
  /** All origins that the sample states. */
  readonly stated: readonly SampleProvenance[]
  /** All digests and different addresses of them, to be matched: the same lists for each item of the sample. */
  readonly declared: { readonly digests: readonly DigestQuery[]; readonly urls: readonly string[] }
}
