import type { PixelRectangle } from "@nightlight/pdq"
import type { Pixels } from "./pixels.ts"

/** A channel may differ so much from the bar's own colour: what JPEG does to a flat ground beside an edge. */
const TOLERANCE = 32

/** The share of a bar's pixels that may differ more. */
const OUTLIERS = 0.02

/** Neither side of what is left may be shorter, in pixels or as a share of the frame's. */
const LEAST_REST = 32
const LEAST_REST_SHARE = 1 / 8

/** Bars thinner than this share of the side do not move a hash far enough to matter. */
const LEAST_BARS_SHARE = 1 / 50

/**
 * Finds what uniform bars at the edges of a frame surround: black as in python-threatexchange's `unletterbox`, or of
 * any other colour. Bars above and below are cut first, then those at the sides of what is left.
 *
 * @returns The part inside the bars; `undefined` where there are none, or nothing sensible would be left.
 */
export function findLetterbox(pixels: Pixels): PixelRectangle | undefined {
  const { width, height } = pixels
  if (width < LEAST_REST || height < LEAST_REST) return undefined
  const whole = { left: 0, top: 0, width, height }
  const top = barLines(pixels, whole, "top")
  if (top === height) return undefined
  const bottom = barLines(pixels, whole, "bottom")
  const between = { left: 0, top, width, height: height - top - bottom }
  const left = barLines(pixels, between, "left")
  if (left === width) return undefined
  const right = barLines(pixels, between, "right")
  const inner = { left, top, width: width - left - right, height: between.height }
  if (inner.width < least(width) || inner.height < least(height)) return undefined
  const isMuch = width - inner.width >= width * LEAST_BARS_SHARE || height - inner.height >= height * LEAST_BARS_SHARE
  return isMuch ? inner : undefined
}

function least(side: number): number {
  return Math.max(LEAST_REST, side * LEAST_REST_SHARE)
}

/** How many lines of pixels from one side of an area are of the colour of the outermost. */
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
  const colour = meanOf(data, startOf(0), { along, length })
  let line = 0
  while (line < lines && isOfColour(data, startOf(line), { along, length, colour })) line++
  return line
}

interface Line {
  /** Bytes from a pixel of the line to its next. */
  readonly along: number
  /** Pixels. */
  readonly length: number
}

function meanOf(data: Uint8Array, start: number, { along, length }: Line): readonly [number, number, number] {
  let red = 0
  let green = 0
  let blue = 0
  for (let i = 0, at = start; i < length; i++, at += along) {
    red += data[at] ?? 0
    green += data[at + 1] ?? 0
    blue += data[at + 2] ?? 0
  }
  return [red / length, green / length, blue / length]
}

function isOfColour(
  data: Uint8Array,
  start: number,
  { along, length, colour }: Line & { readonly colour: readonly [number, number, number] },
): boolean {
  const [red, green, blue] = colour
  let outliers = Math.floor(length * OUTLIERS)
  for (let i = 0, at = start; i < length; i++, at += along) {
    const isNear =
      Math.abs((data[at] ?? 0) - red) <= TOLERANCE &&
      Math.abs((data[at + 1] ?? 0) - green) <= TOLERANCE &&
      Math.abs((data[at + 2] ?? 0) - blue) <= TOLERANCE
    if (!isNear && outliers-- === 0) return false
  }
  return true
}
