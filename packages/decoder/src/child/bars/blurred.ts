import { detailOf, jumpsOf } from "./jumps.ts"
import { type Bars, type Lines, NONE } from "./lines.ts"

/** Number of lines across the bars to examine. */
const SAMPLES = 24
const SCALE = 1 / SAMPLES

/**
 * Pairs of lines in the quick test. The two of a pair are so near that caches fetch them together where lines cross many
 * rows, and in different blocks of a JPEG. Both tests use only green, which is most of brightness.
 */
const QUICK_PAIRS = 6
const PAIR_PIXELS = 8
const QUICK_SAMPLES = 2 * QUICK_PAIRS
const OUTSIDE_LINES = 6
const QUICK_JUMP = 2.5

/** Smallest and largest width of a bar, as a share of the side. */
const LEAST_BAR = 1 / 16
const MAX_BAR = 7 / 16

/** Smallest ratio of the brightness change at a bar's end to that between its lines, at both sides. */
const LEAST_JUMP = 3

/** Smallest brightness change at a bar's end, in steps of 256. */
const LEAST_STEPS = 4

/** Number of sharpest edges to try as ends of bars. */
const MAX_CANDIDATES = 12

/** Largest ratio of the detail within the bars to that within the picture. */
const MAX_BAR_DETAIL = 0.6

/**
 * Finds bars of equal width at opposite sides that are filled with a blurred picture: smooth up to a sharp edge.
 *
 * @param of - lines from the left for bars at the sides, from the top for bars above and below.
 */
export function blurredBars(of: Lines): Bars {
  if (!mayHaveBars(of)) return NONE
  const pixels = samplePixels(of)
  const jumps = jumpsOf(of, pixels)
  let detail: Int32Array | undefined
  const bar = sharpest(jumps).find((candidate) => {
    if (!isSharp(jumps, candidate)) return false
    detail ??= detailOf(of, pixels)
    return isSmooth(detail, candidate)
  })
  return bar === undefined ? NONE : { before: bar, after: bar }
}
/**
 * A quick test on a few lines across: whether brightness changes more at the same distance from both sides than just
 * outside. It rejects nearly every picture.
 */
function mayHaveBars(lines: Lines): boolean {
  const { count } = lines
  const jumps = jumpsOf(lines, quickPixels(lines))
  const least = LEAST_STEPS * QUICK_SAMPLES
  const first = Math.ceil(count * LEAST_BAR)
  let outside = 0
  for (let i = 2; i < 2 + OUTSIDE_LINES; i++) outside += (jumps[first - i] ?? 0) + (jumps[count - first + i] ?? 0)
  for (let bar = first; bar <= count * MAX_BAR; bar++) {
    const [one, other] = [jumps[bar] ?? 0, jumps[count - bar] ?? 0]
    if (one >= least && other >= least && (one + other) * OUTSIDE_LINES > outside * QUICK_JUMP) return true
    outside += (jumps[bar - 1] ?? 0) + (jumps[count - bar + 1] ?? 0)
    outside -= (jumps[bar - 1 - OUTSIDE_LINES] ?? 0) + (jumps[count - bar + 1 + OUTSIDE_LINES] ?? 0)
  }
  return false
}

function quickPixels({ length }: Lines): number[] {
  const pixels: number[] = []
  for (let pair = 0; pair < QUICK_PAIRS; pair++) {
    const pixel = Math.floor(((pair + 0.5) * length) / QUICK_PAIRS)
    pixels.push(Math.min(pixel, length - 1), Math.min(pixel + PAIR_PIXELS, length - 1))
  }
  return pixels
}

/** Two pixels follow each in its line. */
function samplePixels({ length }: Lines): number[] {
  return Array.from({ length: SAMPLES }, (_, sample) => Math.floor(((sample + 0.5) * (length - 2)) / SAMPLES))
}

/** The sharpest edges that may be ends of bars, sharpest first, then narrowest. */
function sharpest(jumps: Int32Array): number[] {
  const count = jumps.length
  const candidates: number[] = []
  let least = 0
  for (let bar = Math.ceil(count * LEAST_BAR); bar <= count * MAX_BAR; bar++) {
    const jump = jumpOf(jumps, bar)
    if (jump <= least || jump * SCALE < LEAST_STEPS) continue
    let place = candidates.length
    while (place > 0 && jumpOf(jumps, candidates[place - 1] ?? 0) < jump) place--
    candidates.splice(place, 0, bar)
    if (candidates.length > MAX_CANDIDATES) candidates.pop()
    if (candidates.length === MAX_CANDIDATES) least = jumpOf(jumps, candidates.at(-1) ?? 0)
  }
  return candidates
}

/** Smaller change at the ends of bars of this width. A change is between a line and the previous one. */
function jumpOf(jumps: Int32Array, bar: number): number {
  return Math.min(jumps[bar] ?? 0, jumps[jumps.length - bar] ?? 0)
}

/** Whether brightness changes much less between a bar's lines than at its end. */
function isSharp(jumps: Int32Array, bar: number): boolean {
  const count = jumps.length
  const margin = marginOf(bar)
  const within = mean(jumps, 1, bar - margin) + mean(jumps, count - bar + margin, count)
  return jumpOf(jumps, bar) * SCALE * 2 >= within * LEAST_JUMP
}

/** Whether there is much less detail within the bars than between them. */
function isSmooth(detail: Int32Array, bar: number): boolean {
  const count = detail.length
  const margin = marginOf(bar)
  const barDetail = mean(detail, 0, bar - margin) + mean(detail, count - bar + margin, count)
  const inner = 2 * mean(detail, bar, count - bar)
  return barDetail <= inner * MAX_BAR_DETAIL
}

/** Lines beside a bar's end that a compression's ringing may change. */
function marginOf(bar: number): number {
  return Math.ceil(bar / 8)
}

/** Mean change at one pixel of some lines, in steps of 256. */
function mean(sums: Int32Array, from: number, to: number): number {
  if (to <= from) return 0
  let sum = 0
  for (let line = from; line < to; line++) sum += (sums[line] ?? 0) * SCALE
  return sum / (to - from)
}
