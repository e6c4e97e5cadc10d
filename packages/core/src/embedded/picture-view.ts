import type { Budget } from "./budget.ts"

/** What looks through a view tells. */
export interface PictureSink {
  readonly budget: Budget
  found(picture: PictureInText): void
  /** A document that may hold pictures itself. */
  document(view: PictureView): void
  /** Whether a position lies in a picture that stood there as bytes before more was undone: what is undone within is chance. */
  isWithinBytes(position: number): boolean
  /** Something at the end may become a picture. */
  open(position: number): void
}

/** A text, or what was decoded out of one. */
export interface PictureView {
  readonly text: string
  /** Whether the end of it is the end of the whole text. */
  readonly reachesEnd: boolean
  readonly depth: number
  /** Whether the strings of its lists are joined. */
  readonly isJoined?: boolean
  /** Position in the whole text of a code unit. */
  readonly positionOf: (place: number) => number
}

/** A picture in a text. */
export interface PictureInText {
  /** From its first byte on; what the text goes on with may stand behind its last one. */
  readonly bytes: Uint8Array
  /** Real type, by content. */
  readonly mediaType: string
  /** Position in the text at which it begins, code units. */
  readonly position: number
  /** Position behind its last code unit. */
  readonly end: number
  /**
   * Whether more of it is there than headers, so that a viewer may show something. What lessons quote of a picture does
   * not.
   */
  readonly shows: boolean
  /** Whether its own structure says where it ends, and that end is there. */
  readonly isWhole: boolean
  /** Whether more of it may follow in a text that goes on. */
  readonly reachesEnd: boolean
  /** Whether it stands there as a string of bytes. */
  readonly isBytes?: true
}
