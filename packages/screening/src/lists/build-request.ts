/** Paths of lists and indexes, and which old indexes stay. */
export interface BuildIndexRequest {
  readonly listsDir: string
  readonly indexDir: string
  /** How many of the newest versions stay, the new one included; default 2. */
  readonly keepVersions?: number
  /**
   * Versions that stay in addition, because something uses them; asked once the new one is live. None stays that
   * contains a removed list.
   */
  readonly pinnedVersions?: () => readonly number[]
  /** Builds even if the existing index is not authentic or nothing changed. */
  readonly repair?: boolean
  /** Entries of unchanged lists from which the changed ones become a delta beside them; default 250,000. */
  readonly deltaFromEntries?: number
}
