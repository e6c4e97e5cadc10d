/**
 * Files and folders as a plan found them.
 * @module
 */

/** One file of a walk. */
export interface ListedFile {
  /** Path relative to the root, raw bytes, `/` between parts. */
  readonly path: Buffer
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Whether its first bytes are those of a zip, tar or gzip; undefined if they were not read yet. */
  readonly archive: boolean | undefined
  /** The version that the plan found, where the store names versions: an object's ETag, a repository's blob. */
  readonly version?: string
  /**
   * Absolute real path of the target of a symbolic link that the operator named: it is read there, and copied to
   * `path`.
   */
  readonly target?: string
}

/** One input as the operator named it. */
export interface PlannedSource {
  /** Absolute; real except for the last part of a file's path, which may be a link. An address in a store as it is. */
  readonly path: string
  /** Absolute real path of the target of such a link. */
  readonly target?: string
  readonly kind: "folder" | "file"
}
