/** What is left to a child in namespaces. */
export interface Confinement {
  /** Node and every package that the child loads. */
  readonly code: readonly string[]
  readonly roots: readonly ReadRoot[]
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>
}

/** A path the child may read: where it is, and under which name the child sees it. */
export interface ReadRoot {
  readonly real: string
  readonly seenAs: string
}
