import type { PixelRectangle } from "@nightlight/pdq"
import type { Pixels } from "../../../src/child/pixels.ts"
import { unitsAt } from "./brightness.ts"

/** An edge of a frame. */
export type Side = "top" | "bottom" | "left" | "right"

/** Lines of pixels of an area, from one of its sides inwards. */
export interface Lines {
  readonly data: Uint8Array
  readonly count: number
  /** Pixels of a line. */
  readonly length: number
  /** Bytes from one pixel of a line to the next. */
  readonly along: number
  /** Byte offset at which a line begins. */
  readonly startOf: (line: number) => number
  /** The outermost line: every search for a bar begins with it. */
  readonly outermost: OutermostLine
}

/** Brightness of a line's pixels, in 256ths. */
export interface OutermostLine {
  /** Sum over the whole line. */
  readonly total: number
  /** Sum over each whole piece of {@link PIECE_PIXELS}. */
  readonly pieces: Int32Array
}

/** Pixels of a piece of a line, enough to average noise out. */
export const PIECE_PIXELS = 12

/** Lines of bar before and after the picture, along one direction. */
export interface Bars {
  readonly before: number
  readonly after: number
}

/** No bars. */
export const NONE: Bars = { before: 0, after: 0 }

/** Both opposite bars with the width of the narrower one. */
export function even({ before, after }: Bars): Bars {
  const both = Math.min(before, after)
  return { before: both, after: both }
}

/** The lines of an area, starting at a side. */
export function linesOf({ data, width, channels }: Pixels, area: PixelRectangle, side: Side): Lines {
  const isRow = side === "top" || side === "bottom"
  const count = isRow ? area.height : area.width
  const across = isRow ? width * channels : channels
  const origin = (area.top * width + area.left) * channels
  const isFromEnd = side === "bottom" || side === "right"
  const length = isRow ? area.width : area.height
  const along = isRow ? channels : width * channels
  const startOf = (line: number) => origin + (isFromEnd ? count - 1 - line : line) * across
  return { data, count, length, along, startOf, outermost: sumsOf(data, startOf(0), along, length) }
}

function sumsOf(data: Uint8Array, start: number, along: number, length: number): OutermostLine {
  const pieces = new Int32Array(Math.floor(length / PIECE_PIXELS))
  let total = 0
  let offset = start
  for (let piece = 0; piece < pieces.length; piece++) {
    const sum = sumAt(data, offset, along, PIECE_PIXELS)
    pieces[piece] = sum
    total += sum
    offset += PIECE_PIXELS * along
  }
  return { total: total + sumAt(data, offset, along, length - pieces.length * PIECE_PIXELS), pieces }
}

/** Brightness of some pixels of a line, from one at a byte offset on, in 256ths. */
export function sumAt(data: Uint8Array, start: number, along: number, pixels: number): number {
  let sum = 0
  for (let i = 0, offset = start; i < pixels; i++, offset += along) sum += unitsAt(data, offset)
  return sum
}
