/**
 * A text that was decoded from another text. Deliberately the same form as in core, because this package imports
 * nothing.
 */
export interface Decoded {
  readonly text: string
  /** Position in the source for each code unit. */
  readonly positions: ArrayLike<number>
  /** Whether it reaches the end of the source, and may continue. */
  readonly reachesEnd: boolean
  /** Too short to count yet: nothing in it counts as found until more follows. */
  readonly tentative?: true
}

/** Texts that a decoder found. */
export interface Decodings {
  readonly texts: readonly Decoded[]
  /** Position from which a code may be incomplete; the source's length where none is. */
  readonly openFrom: number
}

/**
 * Finds texts that are encoded in one kind of code inside a source, in time linear in the source.
 *
 * @param minAscii - ASCII texts with fewer characters may be left out, because no rule is shorter.
 * @param isOpen - whether more of the source may follow: a decoder of escapes then leaves out the text after
 * `openFrom`, because text before half an escape may begin an occurrence that continues after it.
 */
export type Decoder = (source: string, minAscii: number, isOpen: boolean) => Decodings
