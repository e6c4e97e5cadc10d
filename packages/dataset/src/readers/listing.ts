/**
 * The files of a shard, as the dataset's walk found them.
 * @module
 */

import type { CleanOutput } from "../output/output.ts"
import type { DatasetStore } from "../stores/store.ts"
import type { ListedFile, PlannedSource } from "./listed-file.ts"
import type { ReaderLimits } from "./types.ts"

export type { ListedFile, PlannedSource } from "./listed-file.ts"

/** File names of a shard, which a plan keeps only in memory. */
export interface ShardListing {
  /** Absolute real path of the root, or its address in a store. */
  readonly root: string
  /** Reads the files. */
  readonly store: DatasetStore
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
  /**
   * The Parquet file whose rows are about the samples of a shard or folder, given by its path without an ending:
   * img2dataset's `00012.parquet`.
   */
  readonly rowsAbout: (stem: string) => ListedFile | undefined
  /** The Parquet file with that path without its ending, whether its rows are about others or hold the pictures. */
  readonly tableAt: (stem: string) => ListedFile | undefined
  /**
   * Reads the keys, without folders, of the samples of the packed shard with that path without its ending, in the
   * dataset or, where an output is given, in the copy; undefined if there is none.
   */
  readonly keysOf: (
    stem: string,
    copy: CleanOutput | undefined,
    choices: { readonly limits: ReaderLimits; readonly signal: AbortSignal },
  ) => Promise<ReadonlySet<string> | undefined>
}
