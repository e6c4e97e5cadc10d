/**
 * A dataset's plan: its shards, and what the walk skipped.
 * @module
 */
import type { ShardKind } from "../containers/index.ts"
import type { PlannedSource, ShardListing } from "../readers/listing.ts"
import type { S3Settings } from "../stores/s3/settings.ts"
import type { DatasetStore } from "../stores/store.ts"

/** Key of the part of a {@link ShardPlan} that lives in memory only: a symbol, so that no JSON ever holds it. */
export const LISTING: unique symbol = Symbol("listing")

/**
 * One unit of work. Everything except {@link LISTING} may be kept as JSON: it names no item of a loose shard. Only the
 * object that `planDataset` returned (or a spread copy of it) can be opened: after a restart plan again and compare
 * `id` and `listingDigest`.
 */
export interface ShardPlan {
  /**
   * Sixteen digits of the SHA-256 of layout and `path`: the same wherever in the plan the shard is, so that shards that
   * are added or removed change no other's id.
   */
  readonly id: string
  readonly kind: ShardKind
  /** Whether its items are members of one file, or files of their own. */
  readonly layout: "packed" | "loose"
  /** Relative to the root, `/` between parts; of a loose shard a label with digits of its `listingDigest`. */
  readonly path: string
  /** Of the shard's file, or of all files of a loose shard; sidecars not counted. */
  readonly sizeBytes: number
  /** How many files a loose shard has. */
  readonly items?: number
  /** Lower-case hexadecimal SHA-256 over names, sizes and modification times, which reveals a changed source. */
  readonly listingDigest: string
  /** Paths of the shard's sidecar files, relative to the root. */
  readonly sidecars?: readonly string[]
  /**
   * Present on loose shards with tables about other shards (`metadata.csv`, a shard index), and on packed ones whose rows
   * name files of others or are about the rows of another. They come at the end of the plan, the loose ones last; start
   * their clean copy only when that of every shard before is done: rows are kept whose files are in the copy.
   */
  readonly last?: true
  readonly [LISTING]?: ShardListing
}

/** Why something found by the walk is in no shard, and so not in the clean copy. */
export type StrayCode = "symlink" | "special" | "unreadable" | "missing" | "excluded" | "unsafe_name"

/** Something that the walk skipped. */
export interface SkippedEntry {
  readonly code: StrayCode
  /** Relative to the root. In memory only, except `missing` and `excluded`, which an operator typed. */
  readonly place: string
}

/** The shards of a dataset, and what was skipped. */
export interface DatasetPlan {
  /** Absolute real path, or address in a store, that every shard's `path` is relative to. */
  readonly root: string
  /** Full hash of the commit that is read, where the source is a repository. */
  readonly commit?: string
  readonly store: DatasetStore
  readonly sources: readonly PlannedSource[]
  /** Absolute real paths of the folders that hold everything the plan reads: the root, and where named links lead. */
  readonly readRoots: readonly string[]
  /** In a stable order: packed shards and loose ones by path, shards marked `last` at the end, packed ones first. */
  readonly shards: readonly ShardPlan[]
  /** In memory only: it names files. */
  readonly strays: readonly SkippedEntry[]
  /** Number of strays by code; this may be kept. */
  readonly skipped: Readonly<Partial<Record<StrayCode, number>>>
}

/** Choices of a plan. */
export interface PlanOptions {
  /** Most files in one loose shard, 512 by default; a sample is never split, so a shard may exceed it by one sample. */
  readonly filesPerShard?: number
  /** Folders not walked, such as the workspace. Reported as strays. */
  readonly exclude?: readonly string[]
  /** Globs of paths not to read, see `compileGlobs`. What fits is reported as a stray, a folder as one. */
  readonly excludePaths?: readonly string[]
  /** How object stores are reached, by default as the environment says. */
  readonly s3?: S3Settings
}
