/**
 * Texts that were written in code inside another.
 * @module
 */

/** A text that was decoded out of another. */
export interface Decoded {
  readonly text: string
  /** Position in the source for each code unit. */
  readonly at: ArrayLike<number>
  /** Whether it reaches the end of the source, and may go on. */
  readonly reachesEnd: boolean
  /** Too short to count as one yet: nothing in it is a find, but what follows may make it one. */
  readonly tentative?: true
}

/** What a decoder found. */
export interface Decodings {
  readonly texts: readonly Decoded[]
  /** Position from which on a code may be incomplete; the source's length where none is. */
  readonly openFrom: number
}

/** Finds texts in one kind of code. Takes time linear in the source. */
export type Decoder = (source: string) => Decodings
