/** Where lists and indexes are, and which old indexes stay. */
export interface BuildIndexRequest {
  readonly listsDir: string
  readonly indexDir: string
  /** How many of the newest versions stay, the new one included; default 2. */
  readonly keepVersions?: number
  /**
   * Versions that stay besides, because something runs on them; asked once the new one is live. None stays that holds a
   * removed list.
   */
  readonly pinnedVersions?: () => readonly number[]
  /** Builds anew though the index there cannot be believed or nothing changed. */
  readonly repair?: boolean
  /** Entries of unchanged lists from which the changed ones become a delta beside them; default 250,000. */
  readonly deltaFromEntries?: number
}
