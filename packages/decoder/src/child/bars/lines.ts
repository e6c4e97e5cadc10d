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
  /** Bytes from one pixel of a line to the next. */
  readonly along: number
  /** Byte offset at which a line begins. */
  readonly startOf: (line: number) => number
  /** Brightness of each pixel of the outermost line, in 256ths: every search for a bar begins with it. */
  readonly outermost: Int32Array
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
  const count = isRow ? area.height : area.width
  const across = isRow ? width * channels : channels
  const origin = (area.top * width + area.left) * channels
  const isFromEnd = side === "bottom" || side === "right"
  const length = isRow ? area.width : area.height
  const along = isRow ? channels : width * channels
  const startOf = (line: number) => origin + (isFromEnd ? count - 1 - line : line) * across
  return { data, count, length, along, startOf, outermost: unitsOf(data, startOf(0), along, length) }
}

function unitsOf(data: Uint8Array, start: number, along: number, length: number): Int32Array {
  const units = new Int32Array(length)
  for (let i = 0, offset = start; i < length; i++, offset += along) units[i] = unitsAt(data, offset)
  return units
}
