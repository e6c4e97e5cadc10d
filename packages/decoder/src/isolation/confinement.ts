/** Access of a child in namespaces. */
export interface Confinement {
  /** Node and every package that the child loads. */
  readonly code: readonly string[]
  readonly roots: readonly ReadRoot[]
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>
}

/** A path that the child may read: its real path, and its name for the child. */
export interface ReadRoot {
  readonly real: string
  readonly seenAs: string
}
