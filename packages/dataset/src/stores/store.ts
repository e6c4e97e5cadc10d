/**
 * The port of a place where datasets lie: a folder, a bucket, a repository.
 * @module
 */
import type { ShardPlace } from "../output/output.ts"
import type { ListedFile } from "../readers/listed-file.ts"
import type { RandomSource } from "../readers/source.ts"

/** A file of a dataset, open for reading until disposed. */
export interface StoredFile extends RandomSource, Disposable {
  /**
   * Its path where the decoder can read it, and ranges of it, by itself. Undefined for a file elsewhere and for a path
   * that is not UTF-8: the bytes of its items are held in memory.
   */
  readonly rangePath: string | undefined
}

/** Reads the files of one plan; it never writes. */
export interface DatasetStore {
  /** Whether each read costs a call over a network. */
  readonly isRemote: boolean
  /**
   * Opens a file, which must be as the plan found it.
   *
   * @throws {DependencyError} `source_changed` or `source_unreadable`, here or from a later read.
   */
  open(file: ListedFile): StoredFile
  /** Reads a file's first bytes, fewer only at its end. @throws as {@link DatasetStore.open} says. */
  readHead(file: ListedFile, length: number): Promise<Buffer>
  /**
   * Compares files with what the plan found. Does nothing where each read is bound to what the plan found.
   *
   * @throws {DependencyError} `source_changed` if one is gone or differs; `source_unreadable`.
   */
  assertUnchanged(files: readonly ListedFile[]): void
  /** The file's path where the decoder reads it by itself; see {@link StoredFile.rangePath}. */
  pathFor(file: ListedFile): string | undefined
  /** Changes the files in place, for a purge; undefined where that is not possible. */
  readonly editor: DatasetEditor | undefined
}

/** Changes a dataset in place, for a purge. */
export interface DatasetEditor {
  /**
   * Keeps purges by other workspaces away until it is disposed of. Undefined where nothing can be written for that beside
   * the dataset; absent where each change is bound to what the plan found.
   *
   * @throws {DependencyError} `locked` if another purge changes the dataset.
   */
  claim?(): Promise<AsyncDisposable | undefined>
  /**
   * Removes what a killed purge of this workspace left. What cannot be removed stays.
   *
   * @param workspaceKeyId - Identifies the workspace's own leftovers.
   */
  removeLeftovers(workspaceKeyId: string): Promise<void>
  /** Where a packed shard is written so that its file replaces the source's, in one step, when it is published. */
  replacement(workspaceKeyId: string): ShardPlace
  /**
   * Removes earlier versions of a file, and asks the store again whether any is left.
   *
   * @throws {DependencyError} `versions_left` if one cannot be removed; `source_changed`, `unavailable`.
   */
  removeEarlierVersions(file: ListedFile): Promise<void>
  /**
   * Removes a file permanently, with every version of it.
   *
   * @throws {DependencyError} `write_failed`, `versions_left`, `source_changed`.
   */
  remove(file: ListedFile): Promise<void>
}
