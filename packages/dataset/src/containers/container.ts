/**
 * The port of a dataset format: how its shards are recognised, read, and written again without what is withheld.
 * @module
 */
import type { OutputFolder } from "../output/folder.ts"
import type { ShardListing } from "../readers/listing.ts"
import type { ReaderLimits, Sample } from "../readers/types.ts"
import type { WrittenFile } from "./copy-files.ts"
import type { AlsoDropped, CopyMode, SampleDecision, ShardDecision } from "./decision.ts"
import type { ItemBuilder } from "./item-builder.ts"
import type { ArchiveFormat } from "./sniff.ts"

/** A dataset format. `containers/index.ts` lists all of them. */
export type Container = PackedContainer | LooseContainer

/** A format whose shard is one file that holds its items. */
export interface PackedContainer extends ContainerBase {
  readonly layout: "packed"
  /** How names of its files end, in lower case; what stands in front names the files beside a shard. */
  readonly endings: readonly string[]
  /** Whether a file is a shard of this format. The table asks in its order: the first that says so reads the file. */
  detect(head: FileHead): boolean
  /**
   * Writes the shard's file again for a purge: everything that stays keeps its bytes, readable or not.
   *
   * @throws as {@link ContainerBase.writeClean}.
   */
  writePurged(copy: ShardCopy, signal: AbortSignal): Promise<WrittenPart>
}

/** A format whose items are files of their own: a purge removes them where they are, and writes nothing. */
export interface LooseContainer extends ContainerBase {
  readonly layout: "loose"
}

/** What every format does. */
interface ContainerBase {
  /** What it is called in help and documentation. */
  readonly title: string
  /**
   * Reads the samples of a shard in a fixed order; sidecar files are read behind them.
   *
   * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_unsafe` or `shard_limit`; samples yielded before stand.
   * @throws {DependencyError} `source_unreadable` or `source_changed`.
   */
  samples(shard: ShardInput, builder: ItemBuilder, signal: AbortSignal): AsyncIterable<Sample>
  /** Sets `clear` to false on samples that cannot stay where others were withheld. Called only if some were. */
  dropAffected?(samples: readonly SampleDecision[], mode: CopyMode): AlsoDropped
  /**
   * Writes what is kept of a shard to the output's temporary folder, in the same format and byte for byte where it can.
   *
   * @throws {DependencyError} `source_changed` if bytes are not those of their digest; `disk_full`, `write_failed`.
   */
  writeClean(copy: ShardCopy, signal: AbortSignal): Promise<WrittenPart>
}

/** A file by its name and first bytes. */
export interface FileHead {
  /** Without its folder; one character a byte. */
  readonly name: string
  readonly sizeBytes: number
  /** Up to 4 KiB; empty for a file that is too small for any archive. */
  readonly bytes: Buffer
  /** The archive that the bytes begin. */
  readonly archive: ArchiveFormat | undefined
}

/** A shard that is read. */
export interface ShardInput {
  /** Absolute real path that the listed files are relative to. */
  readonly root: string
  readonly listing: ShardListing
  readonly limits: ReaderLimits
}

/** A shard that is written again. */
export interface ShardCopy extends ShardInput {
  readonly mode: CopyMode
  readonly decision: ShardDecision
  readonly output: OutputFolder
  /** Files written so far: the copy adds each as it begins it, and the caller publishes or removes them. */
  readonly written: WrittenFile[]
  /** Whether this shard holds tables over other shards, which were written before it. */
  readonly isLast: boolean
  /** Ids of shards of which something was dropped; absent, every shard counts as one of them. */
  readonly incomplete: ReadonlySet<string> | undefined
}

/** What was written of a shard. Counts are of its own (depth 0) items. */
export interface WrittenPart {
  readonly itemsWritten: number
  /** Clear samples left out because they no longer hold, each a table or sidecar of its own. */
  readonly leftOut: number
  /** Rows left out of metadata tables. */
  readonly droppedRows: number
  /** Lower-case hexadecimal SHA-256 of a packed shard's file. */
  readonly outputSha256?: string
  /** Paths, relative to the root, of tables and sidecars that no longer hold. */
  readonly stale: readonly string[]
}
