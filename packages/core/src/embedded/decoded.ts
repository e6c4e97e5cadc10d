/**
 * Texts that were written in code inside another.
 * @module
 */

/** A text that was decoded out of another. */
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
 * Finds texts in one kind of code. Takes time linear in the source.
 *
 * @param minAscii - texts of ASCII in fewer characters may be left out: whoever looks for longer ones need not see them.
 */
export type Decoder = (source: string, minAscii?: number) => Decodings

/**
 * Texts that were decoded out of one that may go on, without the part that may not be whole yet: what stands before an
 * escape that the end cut off may go on behind it.
 */
export function textsBefore({ texts, openFrom }: Decodings, source: string): readonly Decoded[] {
  if (openFrom === source.length) return texts
  if (texts.length === 0)
    return [
      {
        text: source.slice(0, openFrom),
        positions: Int32Array.from({ length: openFrom }, (_, index) => index),
        reachesEnd: true,
      },
    ]
  return texts.map((decoded) => {
    let length = decoded.text.length
    while (length > 0 && (decoded.positions[length - 1] as number) >= openFrom) length--
    return { ...decoded, text: decoded.text.slice(0, length) }
  })
}
