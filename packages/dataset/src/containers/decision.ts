/**
 * Decides sample by sample what of a shard is rewritten.
 * @module
 */

/**
 * The purpose of a copy. `clean` contains only what is clear. `purge` replaces the source, so it loses only what is to
 * be removed: refused and unread items stay as they are, without a digest where there is none, headers and compressed
 * data byte for byte; tables that are no longer correct stay too, and are named as stale.
 */
export type CopyMode = "clean" | "purge"

/** An item that is kept. */
export interface KeptItem {
  /** SHA-256 that its bytes must have; absent only in a purge, for an item that could not be digested. */
  readonly sha256?: string
}

/** The verdict on one sample while a shard is decided. */
export interface SampleDecision {
  readonly key: string
  /** Loaders group by key: `false` for members that they skip. */
  readonly isKeyed: boolean
  readonly isSidecar: boolean
  /** Base name, where the sample is a table over other items. */
  readonly table: string | undefined
  /** Digests of depth-0 items, by ordinal. */
  readonly items: readonly { readonly ordinal: number; readonly kept: KeptItem }[]
  /** Whether it is kept. A container may withdraw this. */
  clear: boolean
}

/** Clear samples that a container leaves out because others are withheld. */
export interface AlsoDropped {
  /** Samples that loaders would have joined to another. */
  readonly keyCollisions: number
  /** Base names of tables inside the shard that are no longer correct: dropped, except in a purge. */
  readonly staleTables: readonly string[]
}

/** The verdict on a shard's own items, nested ones merged into their archive. */
export interface ShardDecision extends AlsoDropped {
  /** By position among the shard's own items in reading order; undefined: dropped. */
  readonly kept: readonly (KeptItem | undefined)[]
  /** The same for the sidecar files beside a packed shard. */
  readonly keptSidecars: readonly (KeptItem | undefined)[]
  readonly samplesWritten: number
  readonly samplesDropped: number
  /** Whether an item of the shard itself is dropped, sidecars aside. */
  readonly isIncomplete: boolean
}

/** What a copy keeps of a table that was read by columns. */
export interface ColumnSurvey {
  readonly hasMetadata: boolean
  readonly keepsMetadata: boolean
  /** Of the source. */
  readonly rows: number
  readonly groups: readonly SurveyedColumns[]
  /** Always 0: such a table is about no other shard. */
  readonly leftOutRows: number
  readonly leftOutItems: number
}

/** What a copy keeps of a row group of such a table. */
export interface SurveyedColumns {
  /** SHA-256 of each column's bytes. */
  readonly digests: readonly string[]
  /** Whether a dictionary has values that no row uses. */
  readonly hasUnused: boolean
  /** 1 for each row that is dropped; empty where the group is copied as it is. */
  readonly dropped: Uint8Array
  readonly droppedRows: number
}
