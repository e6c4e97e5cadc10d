/**
 * What of a shard is written again, sample by sample.
 * @module
 */

/**
 * What a copy is for. `clean` holds only what is clear. `purge` takes the place of the source, so it loses nothing but
 * what is asked to go: refused and unread items stay as they are, kept without a digest where there is none, headers and
 * compressed data byte for byte; tables that no longer hold stay too, and are named as stale.
 */
export type CopyMode = "clean" | "purge"

/** An item that is written. */
export interface KeptItem {
  /** SHA-256 that its bytes must have; absent only in a purge, for an item that could not be digested. */
  readonly sha256?: string
}

/** The verdict on one sample while a shard is decided. */
export interface SampleDecision {
  readonly key: string
  /** Loaders group by key: `false` for what they skip. */
  readonly isKeyed: boolean
  readonly isSidecar: boolean
  /** Base name, where the sample is a table over other items. */
  readonly table: string | undefined
  /** By ordinal of a depth-0 item, its digest. */
  readonly items: readonly { readonly ordinal: number; readonly kept: KeptItem }[]
  /** Whether it is written. A container may take it back. */
  clear: boolean
}

/** Clear samples that a container left out because of those that were withheld. */
export interface AlsoDropped {
  /** Samples that loaders would have joined to another. */
  readonly keyCollisions: number
  /** Base names of tables inside the shard whose rows no longer hold: dropped, except in a purge. */
  readonly staleTables: readonly string[]
}

/** The verdict on a shard's own items, nested ones merged into their archive. */
export interface ShardDecision extends AlsoDropped {
  /** By position among the shard's own items in reading order; absent means dropped. */
  readonly kept: readonly (KeptItem | undefined)[]
  /** The same for the sidecar files beside a packed shard. */
  readonly keptSidecars: readonly (KeptItem | undefined)[]
  readonly samplesWritten: number
  readonly samplesDropped: number
  /** Whether something of the shard itself is dropped, sidecars aside. */
  readonly isIncomplete: boolean
}
