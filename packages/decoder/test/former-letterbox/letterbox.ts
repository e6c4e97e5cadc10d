/**
 * The search for bars as it was before it was made quick: what the quick one must
 * find, bit for bit.
 * @module
 */
import type { PixelRectangle } from "@nightlight/pdq"
import type { Pixels } from "../../src/child/pixels.ts"
import { blurredBars } from "./bars/blurred.ts"
import { type Bars, even, type Lines, linesOf, NONE, type Side } from "./bars/lines.ts"
import { looseBar } from "./bars/loose.ts"
import { plainBar } from "./bars/plain.ts"

/** Most readings of a frame's bars. */
export const MAX_CROPS = 12

/** Shortest side of the remaining part, in pixels and as a share of the frame's. */
const LEAST_REST = 32
const LEAST_REST_SHARE = 1 / 8

/** Bars thinner than this share of the side do not change a hash enough to matter. */
const LEAST_BARS_SHARE = 1 / 50

/** Readings whose edges are closer than this share of the side are the same. */
const SAME_SHARE = 1 / 100

/**
 * Finds the parts that bars at the edges of a frame may surround: plain ones, black as in python-threatexchange's
 * `unletterbox` or of any other colour; noisy bars and bars with text; and bars of equal width at opposite sides that
 * are filled with a blurred picture.
 *
 * Where a picture is plain at an edge, the end of a bar is ambiguous. So every reading is returned: all bars cropped,
 * only those above and below, or only those at the sides, each also with opposite bars of equal width, as framing
 * programs make them.
 *
 * @returns the parts inside the bars, all different, at most {@link MAX_CROPS}; none where there are no bars, or too
 * little would be left. Smallest first for each kind of bar.
 */
export function findLetterboxes(pixels: Pixels): readonly PixelRectangle[] {
  const { width, height } = pixels
  if (width < LEAST_REST || height < LEAST_REST) return []
  const whole = { left: 0, top: 0, width, height }
  const edges = {
    top: linesOf(pixels, whole, "top"),
    bottom: linesOf(pixels, whole, "bottom"),
    left: linesOf(pixels, whole, "left"),
    right: linesOf(pixels, whole, "right"),
  }
  const found: PixelRectangle[] = []
  for (const rests of [
    readings(pixels, edges, plainBar),
    readings(pixels, edges, looseBar),
    blurredReadings(edges, whole),
  ]) {
    // For another kind of bar, edges that hardly differ are the same.
    const before = found.length
    const isKnown = (rest: PixelRectangle) =>
      found.some((other, i) =>
        isSame(rest, other, i < before ? { width: width * SAME_SHARE, height: height * SAME_SHARE } : ONE_PIXEL),
      )
    const sensible = rests.filter((rest) => isSensible(rest, whole))
    for (const rest of sensible.sort((a, b) => a.width * a.height - b.width * b.height)) {
      if (found.length < MAX_CROPS && !isKnown(rest)) found.push(rest)
    }
  }
  return found
}

/** The whole frame's lines, from each side. */
type Edges = Readonly<Record<Side, Lines>>

/** Every reading of the bars that `barOf` finds at the sides. */
function readings(pixels: Pixels, edges: Edges, barOf: (lines: Lines) => number): PixelRectangle[] {
  const { width, height } = pixels
  const whole = { left: 0, top: 0, width, height }
  const rows = { before: barOf(edges.top), after: barOf(edges.bottom) }
  if (rows.before === height) return []
  const columns = { before: barOf(edges.left), after: barOf(edges.right) }
  const between = { ...whole, top: rows.before, height: height - rows.before - rows.after }
  const hasRows = rows.before + rows.after > 0
  // Return early, because nearly every picture has no bars.
  if (!hasRows && columns.before + columns.after === 0) return []
  const bar = (side: Side) => barOf(linesOf(pixels, between, side))
  const inner = hasRows && between.height > 0 ? { before: bar("left"), after: bar("right") } : columns
  const cuts = [
    [rows, inner],
    [even(rows), even(inner)],
    [rows, NONE],
    [even(rows), NONE],
    [NONE, columns],
    [NONE, even(columns)],
  ] as const
  return cuts.map(([vertical, horizontal]) => cut(whole, vertical, horizontal))
}

function blurredReadings({ left, top }: Edges, whole: PixelRectangle): PixelRectangle[] {
  return [cut(whole, NONE, blurredBars(left)), cut(whole, blurredBars(top), NONE)]
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

const ONE_PIXEL = { width: 1, height: 1 }

/** Whether all edges of two parts are closer than a share of the side. */
function isSame(
  one: PixelRectangle,
  other: PixelRectangle,
  within: { readonly width: number; readonly height: number },
): boolean {
  return (
    Math.abs(one.left - other.left) < within.width &&
    Math.abs(one.top - other.top) < within.height &&
    Math.abs(one.left + one.width - other.left - other.width) < within.width &&
    Math.abs(one.top + one.height - other.top - other.height) < within.height
  )
}
