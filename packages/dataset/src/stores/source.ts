import type { Found } from "../plan/walk.ts"
import type { PlannedSource } from "../readers/listing.ts"
import type { DatasetStore } from "./store.ts"

/** What an operator named, found in its store. */
export interface DatasetSource {
  /** Absolute real path, or address in a store, that everything found is relative to. */
  readonly root: string
  /** Full hash of the commit that is read, where the source is a repository. */
  readonly commit?: string
  readonly store: DatasetStore
  /** Each input once, none inside another. */
  readonly sources: readonly PlannedSource[]
  /** Absolute real paths of the folders that hold everything the plan reads; empty for a store elsewhere. */
  readonly readRoots: readonly string[]
  /** Paths, relative to the root, of files that a brace list names and that do not exist. */
  readonly missing: readonly string[]
  /**
   * Yields what was found, one folder at a time: in each folder first its files, then its folders, both by the bytes of
   * their names.
   */
  walk(signal: AbortSignal): AsyncIterable<readonly Found[]>
}
