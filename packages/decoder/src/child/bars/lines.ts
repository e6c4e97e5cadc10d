import type { PixelRectangle } from "@nightlight/pdq"
import type { Pixels } from "../pixels.ts"
import { unitsAt } from "./brightness.ts"

/** An edge of a frame. */
export type Side = "top" | "bottom" | "left" | "right"

/** Lines of pixels of an area, from one of its sides inwards. */
export interface Lines {
  readonly data: Uint8Array
  readonly count: number
  /** Pixels of a line. */
  readonly length: number
  /** Byte offset at which the outermost line begins. */
  readonly start: number
  /** Bytes from one line to the next inwards; negative from the bottom and from the right. */
  readonly inwards: number
  /** Bytes from one pixel of a line to the next. */
  readonly along: number
}

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
  const isFromEnd = side === "bottom" || side === "right"
  const row = width * channels
  const across = isRow ? row : channels
  const count = isRow ? area.height : area.width
  const origin = area.top * row + area.left * channels
  return {
    data,
    count,
    length: isRow ? area.width : area.height,
    start: isFromEnd ? origin + (count - 1) * across : origin,
    inwards: isFromEnd ? -across : across,
    along: isRow ? channels : row,
  }
}

/** Brightness of some pixels of a line, from one at a byte offset on, in 256ths. */
export function sumAt(data: Uint8Array, start: number, along: number, pixels: number): number {
  let sum = 0
  for (let i = 0, offset = start; i < pixels; i++, offset += along) sum += unitsAt(data, offset)
  return sum
}
