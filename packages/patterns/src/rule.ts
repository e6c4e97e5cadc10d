/** What to look for. */
export interface Rule {
  /** 1 to 500 code units each, once normalised. */
  readonly phrases: readonly string[]
  /** Expressions: letters, classes, groups, alternatives, and repetitions with an upper bound. */
  readonly patterns?: readonly string[]
  /** Whether a find begins and ends where words do; true unless given. Scripts without spaces have no such places. */
  readonly words?: boolean
  /** Whether phrases are also found spaced, cut up by punctuation, or with digits and signs for letters; true unless given. */
  readonly loose?: boolean
}
