/** Phrases and expressions to find. */
export interface Rule {
  /** 1 to 500 code units each after normalisation. */
  readonly phrases: readonly string[]
  /** Expressions: letters, classes, groups, alternatives, and repetitions with an upper bound. */
  readonly patterns?: readonly string[]
  /**
   * Whether an occurrence must begin and end at word boundaries; default true. Scripts without spaces have no word boundaries.
   */
  readonly words?: boolean
  /**
   * Whether phrases are also found spaced, split by punctuation, or with digits and signs for letters; default true.
   */
  readonly loose?: boolean
}
