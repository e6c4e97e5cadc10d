/**
 * What a plan says: which shards a dataset falls into, and what the walk left aside.
 * @module
 */

/** How a shard's items are stored. */
export type ShardKind = "files" | "tar" | "tar.gz" | "zip"

/** Key of the part of a {@link ShardPlan} that lives in memory only: a symbol, so that no JSON ever holds it. */
export const LISTING: unique symbol = Symbol("listing")

/** One file of a walk. */
export interface ListedFile {
  /** Path relative to the root, raw bytes, `/` between parts. */
  readonly path: Buffer
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Whether its first bytes are those of a zip, tar or gzip. */
  readonly archive: boolean
  /** Absolute real path of what a link leads to that the operator named: it is read there, and copied to `path`. */
  readonly target?: string
}

/** What a plan knows of a shard beyond what may be kept: file names. */
export interface ShardListing {
  /** Absolute real path of the root. */
  readonly root: string
  /** Folders and files the operator named, absolute: the output must lie apart from them. */
  readonly sources: readonly PlannedSource[]
  /** Kind `files`: its files, a sample's side by side. Else the shard's own file. */
  readonly files: readonly ListedFile[]
  /** Files beside a tar or zip that describe it: index, metadata table, counts, checksums. Screened as its last items. */
  readonly sidecars: readonly ListedFile[]
  /** The plan's plain files below a folder (given with its slash), for tables whose rows name files of other shards. */
  readonly filesBelow: (folder: Buffer) => Iterable<ListedFile>
  /** The tables of the plan's shards marked `last`. */
  readonly tables: () => Iterable<ListedFile>
}

/** One input as the operator named it. */
export interface PlannedSource {
  /** Absolute; real but for the last part of a file's, which may be a link. */
  readonly path: string
  /** Absolute real path of what such a link leads to. */
  readonly target?: string
  readonly kind: "folder" | "file"
}

/**
 * One unit of work. Everything but {@link LISTING} may be kept as JSON: it names no item of a `files` shard. Only the
 * object that `planDataset` returned (or a spread copy of it) can be opened: after a restart plan again and compare
 * `id` and `listingDigest`.
 */
export interface ShardPlan {
  /** Six-digit position in the plan, a hyphen, and eight digits of the SHA-256 of `path`. */
  readonly id: string
  readonly kind: ShardKind
  /** Relative to the root, `/` between parts; for `files` a label such as `files-000003`. */
  readonly path: string
  /** Of the shard's file, or of all files of a `files` shard; sidecars not counted. */
  readonly sizeBytes: number
  /** Kind `files`: how many files. */
  readonly items?: number
  /** Lower-case hexadecimal SHA-256 over names, sizes and times of change: a changed source is noticed. */
  readonly listingDigest: string
  /** Paths of the shard's sidecar files, relative to the root. */
  readonly sidecars?: readonly string[]
  /**
   * Present on `files` shards that hold tables about other shards (`metadata.csv`, a shard index). They come at the end of
   * the plan; begin their clean copy only when every other shard's is done: rows are kept whose files are in the copy.
   */
  readonly last?: true
  readonly [LISTING]?: ShardListing
}

/** Why something found by the walk is in no shard, and so not in the clean copy. */
export type StrayCode = "symlink" | "special" | "unreadable" | "missing" | "excluded"

/** Something the walk left aside. */
export interface Stray {
  readonly code: StrayCode
  /** Relative to the root. In memory only, except `missing` and `excluded`, which an operator typed. */
  readonly place: string
}

/** What a dataset falls into. */
export interface DatasetPlan {
  /** Absolute real path that every shard's `path` is relative to. */
  readonly root: string
  readonly sources: readonly PlannedSource[]
  /** Absolute real paths of the folders that hold everything the plan reads: the root, and where named links lead. */
  readonly readRoots: readonly string[]
  /** In a stable order: archives and plain chunks by path, shards marked `last` at the end. */
  readonly shards: readonly ShardPlan[]
  /** In memory only: it names files. */
  readonly strays: readonly Stray[]
  /** How many strays of each code; what may be kept. */
  readonly skipped: Readonly<Partial<Record<StrayCode, number>>>
}

/** Choices of a plan. */
export interface PlanOptions {
  /** Most files in one `files` shard, 512 by default; a sample is never split, so a shard may exceed it by one sample. */
  readonly filesPerShard?: number
  /** Folders not walked, such as the workspace. Reported as strays. */
  readonly exclude?: readonly string[]
}
