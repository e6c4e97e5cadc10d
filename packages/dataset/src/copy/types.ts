/**
 * The job of rewriting a shard, the answer for each item, and the result.
 * @module
 */

import type { TableRows } from "../containers/container.ts"
import type { ColumnSurvey } from "../containers/decision.ts"
import type { CopiedFiles } from "../containers/tables/split-counts.ts"
import type { CopiedFile } from "../output/copied-files.ts"
import type { ShardPlace } from "../output/output.ts"
import type { ShardPlan } from "../plan/types.ts"
import type { Item, ReaderLimits, Sample } from "../readers/types.ts"

/** A shard to be copied, with source and output. */
export interface CopyShardJob {
  readonly shard: ShardPlan
  /** Where the copy is written. */
  readonly output: ShardPlace
  readonly limits: ReaderLimits
  /**
   * For shards marked `last`: ids and paths of the shards that lost an item or were not copied at all. Absent: every
   * shard counts as such, and an index over shards is left out as stale.
   */
  readonly incomplete?: ReadonlyMap<string, string>
  /** Called with the complete files before any of them is visible. */
  readonly onWritten?: (files: readonly CopiedFile[]) => Promise<void>
  /** For shards marked `last`: see `ShardCopy.copiedRows`. */
  readonly copiedRows?: CopiedFiles
  /** For a table that was read by columns: what stays. It is not decided sample by sample. */
  readonly survey?: ColumnSurvey
}

/**
 * Whether an item enters the clean copy. The digest is the fingerprint's SHA-256, lower-case hexadecimal: a depth-0
 * item is kept only with a digest that the written bytes have.
 */
export type KeepAnswer = { readonly keep: false } | { readonly keep: true; readonly sha256?: string }

/** Asked once for every item of every sample, nested ones included; one `keep: false` withholds the whole sample. */
export type Keep = (sample: Sample, item: Item) => KeepAnswer

/** The result of a copy. Counts are of the shard's own (depth 0) items. */
export interface CopyShardResult {
  readonly itemsWritten: number
  readonly itemsDropped: number
  readonly samplesWritten: number
  readonly samplesDropped: number
  /**
   * Clear samples dropped because they would have merged with another of the same key once the samples between are
   * gone.
   */
  readonly keyCollisions: number
  /** Rows left out of metadata tables. */
  readonly droppedRows: number
  /** Bytes of the files written. */
  readonly bytes: number
  /** Lower-case hexadecimal SHA-256 of the file of a packed shard. */
  readonly outputSha256?: string
  /** Rows of a table's file. */
  readonly rows?: TableRows
  /** Paths, relative to the root, of sidecar files left out because they describe files that are gone. */
  readonly stale: readonly string[]
}
