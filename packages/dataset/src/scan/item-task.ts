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
  readonly provenance: SampleProvenance
}
