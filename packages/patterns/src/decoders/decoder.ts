/** A text that was decoded out of another. The same form as core's, on purpose: this package imports nothing. */
export interface Decoded {
  readonly text: string
  /** Position in the source for each code unit. */
  readonly positions: ArrayLike<number>
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

/**
 * Finds texts that are written in one kind of code inside another, in time linear in the source.
 *
 * @param minAscii - texts of ASCII in fewer characters may be left out: nothing shorter is looked for.
 * @param isOpen - whether more of the source may follow: a decoder of escapes then leaves out what stands behind
 *   `openFrom`, because what stands before half an escape may be the beginning of a find that goes on behind it.
 */
export type Decoder = (source: string, minAscii: number, isOpen: boolean) => Decodings
