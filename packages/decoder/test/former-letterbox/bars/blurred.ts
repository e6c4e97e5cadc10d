import { type Bars, type Lines, NONE } from "./lines.ts"

/** Number of lines across the bars to examine. */
const SAMPLES = 24

/**
 * Pairs of lines in the quick test. The two of a pair are so near that caches fetch them together where lines cross many
 * rows, and in different blocks of a JPEG. Both tests use only green, which is most of brightness.
 */
const QUICK_PAIRS = 6
const PAIR_PIXELS = 8
const QUICK_SAMPLES = 2 * QUICK_PAIRS
const GREEN = 1
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
  const { jumps, detail } = measure(of)
  const lines = jumps.length
  // A jump is between a line and the previous one.
  const jumpOf = (bar: number) => Math.min(jumps[bar] ?? 0, jumps[lines - bar] ?? 0)
  const candidates: number[] = []
  for (let bar = Math.ceil(lines * LEAST_BAR); bar <= lines * MAX_BAR; bar++) {
    if (jumpOf(bar) >= LEAST_STEPS) candidates.push(bar)
  }
  candidates.sort((one, other) => jumpOf(other) - jumpOf(one))
  const bar = candidates
    .slice(0, MAX_CANDIDATES)
    .find((candidate) => isBar({ jumps, detail }, candidate, jumpOf(candidate)))
  return bar === undefined ? NONE : { before: bar, after: bar }
}

/**
 * A quick test on a few lines across: whether brightness changes more at the same distance from both sides than just
 * outside. It rejects nearly every picture.
 */
function mayHaveBars(lines: Lines): boolean {
  const { count } = lines
  const jumps = quickJumps(lines)
  const least = LEAST_STEPS * QUICK_SAMPLES
  for (let bar = Math.ceil(count * LEAST_BAR); bar <= count * MAX_BAR; bar++) {
    const [one, other] = [jumps[bar] ?? 0, jumps[count - bar] ?? 0]
    if (one < least || other < least) continue
    let outside = 0
    for (let i = 2; i < 2 + OUTSIDE_LINES; i++) outside += (jumps[bar - i] ?? 0) + (jumps[count - bar + i] ?? 0)
    if ((one + other) * OUTSIDE_LINES > outside * QUICK_JUMP) return true
  }
  return false
}

/**
 * Sum, over the quick test's pixels of each line, of the brightness change from the previous line. Goes pair by pair,
 * so that only the sums are stored, and uses integers only, because it runs on every picture.
 */
function quickJumps({ data, along, count, length, startOf }: Lines): Int32Array {
  const step = startOf(1) - startOf(0)
  const jumps = new Int32Array(count)
  for (let pair = 0; pair < QUICK_PAIRS; pair++) {
    const pixel = Math.floor(((pair + 0.5) * length) / QUICK_PAIRS)
    let first = startOf(0) + Math.min(pixel, length - 1) * along + GREEN
    let second = startOf(0) + Math.min(pixel + PAIR_PIXELS, length - 1) * along + GREEN
    let firstBefore = data[first] ?? 0
    let secondBefore = data[second] ?? 0
    for (let line = 0; line < count; line++, first += step, second += step) {
      const firstHere = data[first] ?? 0
      const secondHere = data[second] ?? 0
      jumps[line] = (jumps[line] ?? 0) + Math.abs(firstHere - firstBefore) + Math.abs(secondHere - secondBefore)
      firstBefore = firstHere
      secondBefore = secondHere
    }
  }
  return jumps
}

/** Whether there is little detail up to a sharp edge. */
function isBar({ jumps, detail }: Measured, bar: number, jump: number): boolean {
  const lines = jumps.length
  const margin = Math.ceil(bar / 8)
  const within = mean(jumps, 1, bar - margin) + mean(jumps, lines - bar + margin, lines)
  const barDetail = mean(detail, 0, bar - margin) + mean(detail, lines - bar + margin, lines)
  const inner = 2 * mean(detail, bar, lines - bar)
  return jump * 2 >= within * LEAST_JUMP && barDetail <= inner * MAX_BAR_DETAIL
}

interface Measured {
  /** Mean change of brightness from the previous line, by line. */
  readonly jumps: Float64Array
  /** Mean change along each line, over a few pixels. */
  readonly detail: Float64Array
}

function measure(lines: Lines): Measured {
  const { data, along, count, length } = lines
  const jumps = new Float64Array(count)
  const detail = new Float64Array(count)
  const samples = Math.min(SAMPLES, length - 2)
  const step = lines.startOf(1) - lines.startOf(0)
  for (let sample = 0; sample < samples; sample++) {
    let offset = lines.startOf(0) + Math.floor(((sample + 0.5) * (length - 2)) / samples) * along + GREEN
    let before = data[offset] ?? 0
    for (let line = 0; line < count; line++, offset += step) {
      const here = data[offset] ?? 0
      jumps[line] = (jumps[line] ?? 0) + Math.abs(here - before)
      detail[line] = (detail[line] ?? 0) + Math.abs(here - (data[offset + 2 * along] ?? 0))
      before = here
    }
  }
  const scale = 1 / samples
  return { jumps: jumps.map((sum) => sum * scale), detail: detail.map((sum) => sum * scale) }
}

function mean(values: Float64Array, from: number, to: number): number {
  if (to <= from) return 0
  let sum = 0
  for (let i = from; i < to; i++) sum += values[i] ?? 0
  return sum / (to - from)
}
