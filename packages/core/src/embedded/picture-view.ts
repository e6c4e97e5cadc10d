import type { Budget } from "./budget.ts"

/** Receives the results of searching a view. */
export interface PictureSink {
  readonly budget: Budget
  found(picture: PictureInText): void
  /** A document that may contain pictures itself. */
  document(view: PictureView): void
  /**
   * Whether a position is inside a picture that was found as bytes before further unescaping: finds inside it are
   * accidental.
   */
  isWithinBytes(position: number): boolean
  /** Reports that text from this position to the end may become a picture. */
  open(position: number): void
}

/** A text, or a text decoded from one. */
export interface PictureView {
  readonly text: string
  /** Whether its end is the end of the whole text. */
  readonly reachesEnd: boolean
  readonly depth: number
  /** Whether the strings of its lists were joined. */
  readonly isJoined?: boolean
  /** Position of a code unit in the whole text. */
  readonly positionOf: (place: number) => number
}

/** A picture in a text. */
export interface PictureInText {
  /** Bytes from its first one on; bytes of the following text may come after its last one. */
  readonly bytes: Uint8Array
  /** Real type, by content. */
  readonly mediaType: string
  /** Start position in the text, code units. */
  readonly position: number
  /** Position after its last code unit. */
  readonly end: number
  /**
   * Whether there is more of it than headers, so that a viewer may show something. Pictures quoted in tutorials show
   * nothing.
   */
  readonly shows: boolean
  /** Whether its structure defines its end, and that end is present. */
  readonly isWhole: boolean
  /** Whether more of it may follow if the text continues. */
  readonly reachesEnd: boolean
  /** Whether it is written as a byte string. */
  readonly isBytes?: true
}
