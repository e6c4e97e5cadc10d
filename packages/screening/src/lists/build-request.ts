/** Paths of lists and indexes, and which old indexes to keep. */
export interface BuildIndexRequest {
  readonly listsDir: string
  readonly indexDir: string
  /** How many of the newest versions to keep, including the new one; default 2. */
  readonly keepVersions?: number
  /**
   * Further versions to keep because something uses them; called once the new one is live. A version that contains a
   * removed list is never kept.
   */
  readonly pinnedVersions?: () => readonly number[]
  /** Builds even where the existing index is not authentic or nothing changed. */
  readonly repair?: boolean
  /** From this number of unchanged entries on, changed lists become a delta; default 250,000. */
  readonly deltaFromEntries?: number
}
