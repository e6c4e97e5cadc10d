/**
 * Texts that were encoded inside another text.
 * @module
 */

/** A text that was decoded from another text. */
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
 * Finds texts in one kind of code, in time linear in the source.
 *
 * @param minAscii - ASCII texts with fewer characters may be left out, for callers that search only for longer ones.
 */
export type Decoder = (source: string, minAscii?: number) => Decodings

/**
 * Decoded texts of a source that may continue, without the part that may be incomplete: text before an escape that is
 * cut off may continue after it.
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
