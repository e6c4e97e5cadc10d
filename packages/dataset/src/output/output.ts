/**
 * The port of a place that shards are written to: a folder or a bucket.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import type { FileDigest } from "@nightlight/durable"
import type { ListedFile, PlannedSource } from "../readers/listed-file.ts"
import type { RandomSource } from "../readers/source.ts"
import type { CopiedFile } from "./copied-files.ts"

/** A new file that is digested as it is written, and removed unless it is published. */
export interface OutputFile extends AsyncDisposable {
  /** Bytes written so far. */
  readonly sizeBytes: number
  /** Appends bytes, which the caller may use again. @throws {DependencyError} `disk_full`, `write_failed`, `unavailable`. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes the bytes durable. @throws {DependencyError} `disk_full`, `write_failed`, `unavailable`. */
  finish(): Promise<FileDigest>
}

/** A file that is written and durable, but may not be in its place yet. */
export interface WrittenFile {
  /** Relative to the dataset's root, raw bytes. */
  readonly path: Buffer
  readonly made: OutputFile
}

/** The output of one shard. Dispose of it to remove what was not published. */
export interface CleanOutput extends AsyncDisposable {
  /**
   * Begins a file.
   *
   * @param path - Its place, relative to the output.
   * @throws {DependencyError} `disk_full`, `write_failed`, `unavailable`.
   */
  begin(path: Buffer): Promise<OutputFile>
  /** Asks which files the output has; answers for what is there now. */
  existing(): Promise<(path: Buffer) => boolean>
  /** Opens a file of the copy that is there already; undefined where there is none. */
  openCopied(path: Buffer): Promise<(RandomSource & Disposable) | undefined>
  /**
   * Describes finished files as the output will list them, so that a later run knows them again; once they are
   * published, as it does list them.
   */
  stampsOf(written: readonly WrittenFile[]): readonly CopiedFile[]
  /**
   * Puts files in their places, each at once or not at all.
   *
   * @param written - Finished files that {@link begin} made.
   * @returns whether the output lists some of them otherwise than {@link stampsOf} said before.
   * @throws {RequestError} `output_conflict` if a place is taken by something else.
   * @throws {DependencyError} `write_failed`, `unavailable`.
   */
  publish(written: readonly WrittenFile[]): Promise<boolean>
}

/** The shard that an output is opened for. */
export interface OutputShard {
  readonly id: string
  readonly listing: {
    /** Folders and files that are read: the output must lie apart from them. */
    readonly sources: readonly PlannedSource[]
    /** What the shard's copy may consist of, by path. */
    readonly files: readonly ListedFile[]
    readonly sidecars: readonly ListedFile[]
  }
}

/** What a store does with `If-Match` and `If-None-Match` of a put: obey, answer 501, or put all the same. */
export type ConditionalWrites = NonNullable<ScanReport["conditionalWrites"]>

/** A place where a shard is written. */
export interface ShardPlace {
  /**
   * Opens the output of a shard, and removes what an earlier run left of it.
   *
   * @throws {RequestError} `output_conflict` if it would touch the source, or something else is in the way.
   * @throws {DependencyError} `disk_full`, `write_failed`, `unavailable`.
   */
  open(shard: OutputShard): Promise<CleanOutput>
}

/** A place that a whole clean copy is written to. */
export interface OutputPlace extends ShardPlace {
  /** Of a bucket, what its store does with conditional writes, once a shard was opened. */
  readonly conditionalWrites?: ConditionalWrites | undefined
  /**
   * Claims the place for one scan until disposed, as far as the place can keep others away.
   *
   * @throws {RequestError} `output_conflict` if it is no folder.
   * @throws {DependencyError} `locked` if another scan writes to it; `write_failed`, `disk_full`.
   */
  claim(): Promise<AsyncDisposable>
  /** Removes the claim of a run that was killed when its work was done. @throws {DependencyError} `write_failed`. */
  removeLeftClaim(): Promise<void>
  /**
   * Reserves it for the tasks of one plan, as far as the place can keep others away. The caller holds the claim.
   *
   * @throws {DependencyError} `locked` if it is reserved for another scan; `write_failed`, `disk_full`.
   */
  reserve(owner: string): Promise<void>
  /** Whether tasks of this owner may write to it. @throws {DependencyError} `unavailable`. */
  isReservedFor(owner: string): Promise<boolean>
  /** Ends a reservation of this owner, if there is one. */
  release(owner: string): Promise<void>
  /** Whether it holds nothing but claims. @throws {DependencyError} `unavailable`. */
  isEmpty(): Promise<boolean>
  /** Yields the files of the copy in no particular order. @throws {DependencyError} `unavailable`. */
  files(signal: AbortSignal): AsyncIterable<CopiedFile>
  /** Removes files that this scan wrote; durable when this returns. @throws {DependencyError} `write_failed`, `unavailable`. */
  remove(paths: readonly Buffer[]): Promise<void>
}
