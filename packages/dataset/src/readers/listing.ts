/**
 * The files of a shard, as the dataset's walk found them.
 * @module
 */

/** One file of a walk. */
export interface ListedFile {
  /** Path relative to the root, raw bytes, `/` between parts. */
  readonly path: Buffer
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Whether its first bytes are those of a zip, tar, gzip or zstd. */
  readonly archive: boolean
  /**
   * Absolute real path of the target of a symbolic link that the operator named: it is read there, and copied to
   * `path`.
   */
  readonly target?: string
}

/** One input as the operator named it. */
export interface PlannedSource {
  /** Absolute; real except for the last part of a file's path, which may be a link. */
  readonly path: string
  /** Absolute real path of the target of such a link. */
  readonly target?: string
  readonly kind: "folder" | "file"
}

/** File names of a shard, which a plan keeps only in memory. */
export interface ShardListing {
  /** Absolute real path of the root. */
  readonly root: string
  /** Folders and files the operator named, absolute: the output must lie apart from them. */
  readonly sources: readonly PlannedSource[]
  /** Layout `loose`: its files, a sample's side by side. Layout `packed`: the shard's own file. */
  readonly files: readonly ListedFile[]
  /** Files beside a packed shard that describe it: index, metadata table, counts, checksums. Screened as its last items. */
  readonly sidecars: readonly ListedFile[]
  /** The plan's plain files below a folder (given with its slash), for tables whose rows name files of other shards. */
  readonly filesBelow: (folder: Buffer) => Iterable<ListedFile>
  /** The tables of the plan's shards marked `last`, and the packed ones whose rows name files. */
  readonly tables: () => Iterable<ListedFile>
  /** The file whose rows those of this shard are about, one by one: Dolma's documents, for attributes. */
  readonly follows?: ListedFile
  /** The files whose rows are about those of this shard. */
  readonly followers?: readonly ListedFile[]
}
