/**
 * The port of a dataset format: how its shards are recognised, read, and rewritten without withheld items.
 * @module
 */
import type { CleanOutput, WrittenFile } from "../output/output.ts"
import type { ShardListing } from "../readers/listing.ts"
import type { RandomSource } from "../readers/source.ts"
import type { ReaderLimits, Sample } from "../readers/types.ts"
import type { AlsoDropped, ColumnSurvey, CopyMode, SampleDecision, ShardDecision } from "./decision.ts"
import type { ItemBuilder } from "./item-builder.ts"
import type { ArchiveFormat } from "./sniff.ts"
import type { CopiedFiles } from "./tables/split-counts.ts"

/** A dataset format. `containers/index.ts` lists all of them. */
export type Container = PackedContainer | LooseContainer

/** A format whose shard is one file that holds its items. */
export interface PackedContainer extends ContainerBase {
  readonly layout: "packed"
  /** Endings of its file names, in lower case; the name without its ending names the files beside a shard. */
  readonly endings: readonly string[]
  /** Endings of further files that describe a shard, put behind its name or behind that name without its ending. */
  readonly besides?: readonly string[]
  /**
   * Its files may describe others instead, as JSON does: one that is named for a picture or a shard beside it, or that
   * is a table, is no shard.
   */
  readonly mayDescribe?: true
  /**
   * Counts the rows of a shard's file whose samples are rows of a table, without reading them: copies say how many.
   *
   * @throws as {@link ContainerBase.samples}.
   */
  countRows?(source: RandomSource, limits: ReaderLimits): Promise<number>
  /**
   * Whether a file is a shard of this format. The table is asked in its order: the first format that accepts the file
   * reads it.
   */
  detect(head: FileHead): boolean
  /** Whether a shard's samples name other files of the dataset: its clean copy is then written after theirs. */
  namesFiles?(head: FileHead): boolean
  /**
   * Rewrites the shard's file for a purge: everything that stays keeps its bytes, readable or not.
   *
   * @throws as {@link ContainerBase.writeClean}.
   */
  writePurged(copy: ShardCopy, signal: AbortSignal): Promise<WrittenPart>
}

/** A format whose items are separate files: a purge removes them in place, and writes nothing. */
export interface LooseContainer extends ContainerBase {
  readonly layout: "loose"
}

/** Methods of every format. */
interface ContainerBase {
  /** Its name in help and documentation. */
  readonly title: string
  /**
   * Reads the samples of a shard in a fixed order; sidecar files are read last.
   *
   * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_unsafe` or `shard_limit`; samples yielded before
   * remain valid.
   * @throws {DependencyError} `source_unreadable` or `source_changed`.
   */
  samples(shard: ShardInput, builder: ItemBuilder, signal: AbortSignal): AsyncIterable<Sample>
  /** Sets `clear` to false on samples that cannot stay when others are withheld. Called only if some are. */
  dropAffected?(samples: readonly SampleDecision[], mode: CopyMode): AlsoDropped
  /**
   * Writes the kept part of a shard to the output's temporary folder, in the same format and byte for byte where
   * possible.
   *
   * @throws {DependencyError} `source_changed` if bytes do not have the expected digest; `disk_full`, `write_failed`.
   */
  writeClean(copy: ShardCopy, signal: AbortSignal): Promise<WrittenPart>
}

/** A file by its name and first bytes. */
export interface FileHead {
  /** Without its folder; one character per byte. */
  readonly name: string
  readonly sizeBytes: number
  /** Up to 4 KiB; empty for a file that is too small for any archive. */
  readonly bytes: Buffer
  /** The archive format that the bytes begin with. */
  readonly archive: ArchiveFormat | undefined
  /**
   * Reads its first MiB, for formats that do not show in the first bytes; absent where only these were read.
   *
   * @throws the system's error if the file cannot be read.
   */
  readonly more?: () => Buffer
}

/** A shard to be read. */
export interface ShardInput {
  readonly listing: ShardListing
  readonly limits: ReaderLimits
}

/** A shard to be rewritten. */
export interface ShardCopy extends ShardInput {
  readonly mode: CopyMode
  readonly decision: ShardDecision
  readonly output: CleanOutput
  /** Files written so far: the copy adds each as it begins it, and the caller publishes or removes them. */
  readonly written: WrittenFile[]
  /** Whether this shard holds tables over other shards, which were written before it. */
  readonly isLast: boolean
  /** Ids and paths of shards that lost an item; absent: every shard counts as such. */
  readonly incomplete: ReadonlyMap<string, string> | undefined
  /** Files of tables that were copied before this shard, by path; undefined for one that was not. */
  readonly copiedRows: CopiedFiles | undefined
  /** What was read of a table by columns: it is not read again to decide. */
  readonly survey?: ColumnSurvey
}

/** Rows of a table's file. */
export interface TableRows {
  /** In the source. */
  readonly read: number
  /** In the copy. */
  readonly written: number
}

/** The result of rewriting a shard. Counts are of its own (depth 0) items. */
export interface WrittenPart {
  readonly itemsWritten: number
  /** Clear samples left out because they are no longer correct; each is a table or sidecar. */
  readonly leftOut: number
  /** Rows left out of metadata tables. */
  readonly droppedRows: number
  /** Lower-case hexadecimal SHA-256 of a packed shard's file. */
  readonly outputSha256?: string
  /** Rows of a packed shard's file that is a table, before and after. */
  readonly rows?: TableRows
  /** Paths, relative to the root, of tables and sidecars that are no longer correct. */
  readonly stale: readonly string[]
}
