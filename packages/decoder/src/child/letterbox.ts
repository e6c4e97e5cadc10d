import type { PixelRectangle } from "@nightlight/pdq"
import type { Pixels } from "./pixels.ts"

/**
 * Brightness may differ so much from the bar's own: what JPEG does to a flat ground beside an edge. Only brightness
 * counts: the hash sees nothing else, and the colour of a bar bleeds where colour is stored coarsely.
 */
const TOLERANCE = 24

/** The hash's own weights of red, green and blue, which add up to {@link UNIT}. */
const RED = 77
const GREEN = 150
const BLUE = 29
const UNIT = 256

/** The share of a bar's pixels that may differ more. */
const OUTLIERS = 0.02

/** Readings of a frame's bars, at most. */
export const MOST_CROPS = 12

/** Neither side of what is left may be shorter, in pixels or as a share of the frame's. */
const LEAST_REST = 32
const LEAST_REST_SHARE = 1 / 8

/** Bars thinner than this share of the side do not move a hash far enough to matter. */
const LEAST_BARS_SHARE = 1 / 50

/**
 * Finds what uniform bars at the edges of a frame may surround: black as in python-threatexchange's `unletterbox`, or
 * of any other colour.
 *
 * Where a picture is itself plain at an edge, nothing tells where its bar ends. So every reading is given: all bars cut,
 * those above and below or those at the sides alone, and each with opposite bars of one width, as who frames a picture
 * makes them.
 *
 * @returns The parts inside the bars, all different, the smallest first; none where there are no bars, or nothing
 *   sensible would be left.
 */
export function findLetterboxes(pixels: Pixels): readonly PixelRectangle[] {
  const { width, height } = pixels
  if (width < LEAST_REST || height < LEAST_REST) return []
  const whole = { left: 0, top: 0, width, height }
  const rows = { before: barLines(pixels, whole, "top"), after: barLines(pixels, whole, "bottom") }
  if (rows.before === height) return []
  const columns = { before: barLines(pixels, whole, "left"), after: barLines(pixels, whole, "right") }
  const between = { ...whole, top: rows.before, height: height - rows.before - rows.after }
  const hasRows = rows.before + rows.after > 0
  const inner = hasRows
    ? { before: barLines(pixels, between, "left"), after: barLines(pixels, between, "right") }
    : columns
  // Nearly every picture has no bars at all.
  if (!hasRows && columns.before + columns.after === 0) return []
  const cuts = [
    [rows, inner],
    [even(rows), even(inner)],
    [rows, NONE],
    [even(rows), NONE],
    [NONE, columns],
    [NONE, even(columns)],
  ] as const
  const found = new Map<string, PixelRectangle>()
  for (const [vertical, horizontal] of cuts) {
    const rest = cut(whole, vertical, horizontal)
    if (isSensible(rest, whole)) found.set(Object.values(rest).join(), rest)
  }
  return [...found.values()].sort((a, b) => a.width * a.height - b.width * b.height)
}

/** Lines of bar before and after the picture, along one direction. */
interface Bars {
  readonly before: number
  readonly after: number
}

const NONE: Bars = { before: 0, after: 0 }

function even({ before, after }: Bars): Bars {
  const both = Math.min(before, after)
  return { before: both, after: both }
}

function cut(whole: PixelRectangle, vertical: Bars, horizontal: Bars): PixelRectangle {
  return {
    left: horizontal.before,
    top: vertical.before,
    width: whole.width - horizontal.before - horizontal.after,
    height: whole.height - vertical.before - vertical.after,
  }
}

function isSensible(rest: PixelRectangle, { width, height }: PixelRectangle): boolean {
  if (rest.width < least(width) || rest.height < least(height)) return false
  return width - rest.width >= width * LEAST_BARS_SHARE || height - rest.height >= height * LEAST_BARS_SHARE
}

function least(side: number): number {
  return Math.max(LEAST_REST, side * LEAST_REST_SHARE)
}

/** How many lines of pixels from one side of an area are as bright as the outermost. */
function barLines(pixels: Pixels, area: PixelRectangle, side: "top" | "bottom" | "left" | "right"): number {
  const { data, width: rowPixels, channels } = pixels
  const isRow = side === "top" || side === "bottom"
  const lines = isRow ? area.height : area.width
  const length = isRow ? area.width : area.height
  const along = isRow ? channels : rowPixels * channels
  const across = isRow ? rowPixels * channels : channels
  const origin = (area.top * rowPixels + area.left) * channels
  const isFromEnd = side === "bottom" || side === "right"
  const startOf = (line: number) => origin + (isFromEnd ? lines - 1 - line : line) * across
  const brightness = meanOf(data, startOf(0), { along, length })
  let line = 0
  while (line < lines && isFlat(data, startOf(line), { along, length, brightness })) line++
  return line
}

interface Line {
  /** Bytes from a pixel of the line to its next. */
  readonly along: number
  /** Pixels. */
  readonly length: number
}

/** Mean brightness of a line, 0 to 255. */
function meanOf(data: Uint8Array, start: number, { along, length }: Line): number {
  let sum = 0
  for (let i = 0, at = start; i < length; i++, at += along) sum += unitsAt(data, at)
  return sum / length / UNIT
}

function isFlat(
  data: Uint8Array,
  start: number,
  { along, length, brightness }: Line & { readonly brightness: number },
): boolean {
  // Whole numbers only: this runs over the edges of every picture.
  const least = Math.ceil((brightness - TOLERANCE) * UNIT)
  const most = Math.floor((brightness + TOLERANCE) * UNIT)
  let outliers = Math.floor(length * OUTLIERS)
  for (let i = 0, at = start; i < length; i++, at += along) {
    const units = unitsAt(data, at)
    if ((units < least || units > most) && outliers-- === 0) return false
  }
  return true
}

/** Brightness of a pixel in 256ths. */
function unitsAt(data: Uint8Array, at: number): number {
  return RED * (data[at] ?? 0) + GREEN * (data[at + 1] ?? 0) + BLUE * (data[at + 2] ?? 0)
}
