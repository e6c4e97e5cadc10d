/**
 * A shard that is written again: the job, the answer for each item, and the result.
 * @module
 */
import type { ShardPlan } from "../plan/types.ts"
import type { Item, ReaderLimits, Sample } from "../readers/types.ts"

/** Which shard is copied where. */
export interface CopyShardJob {
  /** Absolute real path of the dataset's root. */
  readonly root: string
  readonly shard: ShardPlan
  /** Folder of the clean copy; made if absent. Must lie apart from every source. */
  readonly outDir: string
  readonly limits: ReaderLimits
  /**
   * For shards marked `last`: ids of the shards of which something was dropped, or that were not copied at all. Absent,
   * every shard counts as one of them, and an index over shards is left out as stale.
   */
  readonly incomplete?: ReadonlySet<string>
}

/**
 * Whether an item enters the clean copy. The digest is the fingerprint's SHA-256, lower-case hexadecimal: a depth-0
 * item of a clean copy is kept only with it, and only if what is written has it.
 */
export type KeepAnswer = { readonly keep: false } | { readonly keep: true; readonly sha256?: string }

/** Asked once for every item of every sample, nested ones included; one `keep: false` withholds the whole sample. */
export type Keep = (sample: Sample, item: Item) => KeepAnswer

/** What was written. Counts are of the shard's own (depth 0) items. */
export interface CopyShardResult {
  readonly itemsWritten: number
  readonly itemsDropped: number
  readonly samplesWritten: number
  readonly samplesDropped: number
  /** Samples dropped although clear: with what lay between gone, they would have merged with one of the same key. */
  readonly keyCollisions: number
  /** Rows left out of metadata tables. */
  readonly droppedRows: number
  /** Bytes of the files written. */
  readonly bytes: number
  /** Lower-case hexadecimal SHA-256 of the file of a packed shard. */
  readonly outputSha256?: string
  /** Paths, relative to the root, of sidecar files left out because they describe what is no longer there. */
  readonly stale: readonly string[]
}
