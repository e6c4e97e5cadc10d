import type { PixelRectangle } from "@nightlight/pdq"
import type { Pixels } from "./pixels.ts"

/**
 * Brightness may differ so much from the bar's own: what JPEG does to a flat ground beside an edge. Only brightness
 * counts: the hash sees nothing else, and the colour of a bar bleeds where colour is stored coarsely.
 */
const TOLERANCE = 24

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

function meanOf(data: Uint8Array, start: number, { along, length }: Line): number {
  let sum = 0
  for (let i = 0, at = start; i < length; i++, at += along) sum += brightnessAt(data, at)
  return sum / length
}

function isFlat(
  data: Uint8Array,
  start: number,
  { along, length, brightness }: Line & { readonly brightness: number },
): boolean {
  let outliers = Math.floor(length * OUTLIERS)
  for (let i = 0, at = start; i < length; i++, at += along) {
    if (Math.abs(brightnessAt(data, at) - brightness) > TOLERANCE && outliers-- === 0) return false
  }
  return true
}

/** The hash's own weights, in 256ths. */
function brightnessAt(data: Uint8Array, at: number): number {
  return (77 * (data[at] ?? 0) + 150 * (data[at + 1] ?? 0) + 29 * (data[at + 2] ?? 0)) / 256
}
