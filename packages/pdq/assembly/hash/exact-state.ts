/**
 * State of the exact kernel between blocks of eight rows of a picture.
 *
 * Positions are steps: step t is when sample t enters the window; the mean that it completes belongs to sample t -
 * (half - 1). Samples outside the picture are zero, and a mean that belongs to no sample is divided by infinity, which
 * makes it zero, so edges need no special cases.
 */
import { growToRegions, releaseRegions, reserveRegion } from "./memory"
import { centreOf, columns, countAt, halfOf, rows, windowOf } from "./shape"

/** Rows that go through the filters together. */
export const BLOCK_ROWS: i32 = 8

/** How a sum becomes a mean: multiplied by a constant, divided by a constant, or divided by its own divisor. */
export const MULTIPLY: i32 = 0
export const DIVIDE: i32 = 1
export const DIVIDE_EACH: i32 = 2

/** f32 divisor of each of the block's rows, where they differ. */
export const ROW_DIVISORS: usize = memory.data(8 * 4, 16)
/** i32 step at which the centre of each of the 64 parts of a row is complete, and its f32 divisor. */
export const COLUMN_SAMPLES: usize = memory.data(64 * 4, 16)
export const COLUMN_SAMPLE_DIVISORS: usize = memory.data(64 * 4, 16)
/** The same for the parts of a column; one more step, never reached, ends the list. */
export const ROW_SAMPLES: usize = memory.data(65 * 4, 16)
export const ROW_SAMPLE_DIVISORS: usize = memory.data(64 * 4, 16)
/** f32 running sums down each of the 64 sampled columns. */
export const SAMPLED_SUMS: usize = memory.data(64 * 4, 16)

export let columnWindow: i32 = 0
export let rowWindow: i32 = 0
/** Groups of four column steps. */
export let groups: i32 = 0
/** f32 divisor of each column step of the first filter. */
export let columnDivisors: usize = 0
/** Ring over columns of eight rows' luma: slots of 8 f32, a power of two of them, and four that mirror the first. */
export let lumaRing: usize = 0
/** The same for the means of the first column filter. */
export let meanRing: usize = 0
/** Bytes of either ring without its mirror. */
export let columnRingBytes: usize = 0
/** Ring over rows, one for each group of columns: slots of 4 f32, and eight that mirror the first. */
export let rowRing: usize = 0
/** The same for each four of the 64 sampled columns. */
export let sampledRing: usize = 0
/** Slots of these rings without their mirror, a multiple of eight, and bytes from one group's ring to the next. */
export let ringRows: i32 = 0
export let groupStride: usize = 0
/** f32 running sums down each column. */
export let columnSums: usize = 0
/** Running sums of the second row filter at every column step: 8 f32 each. */
export let rowSums: usize = 0
/** First row step of the block. */
export let step: i32 = 0

/** Lays out and clears the regions for a picture of the current shape. Returns the input's address, or 0. */
export function layOut(inputBytes: u64): usize {
  columnWindow = windowOf(columns)
  rowWindow = windowOf(rows)
  groups = (columns + 2 * (halfOf(columnWindow) - 1) + 3) >> 2
  ringRows = (rowWindow + BLOCK_ROWS + 7) & ~7
  groupStride = (<usize>ringRows + BLOCK_ROWS) * 16
  columnRingBytes = 64 * 32
  while (columnRingBytes < (<usize>columnWindow + 4) * 32) columnRingBytes <<= 1

  releaseRegions()
  const input = reserveRegion(inputBytes)
  columnDivisors = reserveRegion(<u64>groups * 16)
  lumaRing = reserveRegion(columnRingBytes + 128)
  meanRing = reserveRegion(columnRingBytes + 128)
  rowRing = reserveRegion(<u64>groups * groupStride)
  sampledRing = reserveRegion(16 * groupStride)
  columnSums = reserveRegion(<u64>groups * 16)
  rowSums = reserveRegion(<u64>groups * 128)
  if (!growToRegions()) return 0

  memory.fill(rowRing, 0, <usize>groups * groupStride)
  memory.fill(sampledRing, 0, 16 * groupStride)
  memory.fill(columnSums, 0, <usize>groups * 16)
  memory.fill(SAMPLED_SUMS, 0, 64 * 4)
  for (let at = 0; at < groups * 4; ++at) {
    store<f32>(columnDivisors + (<usize>at << 2), divisorAt(at, columns, columnWindow))
  }
  fillSamples(columns, columnWindow, COLUMN_SAMPLES, COLUMN_SAMPLE_DIVISORS)
  fillSamples(rows, rowWindow, ROW_SAMPLES, ROW_SAMPLE_DIVISORS)
  store<i32>(ROW_SAMPLES, i32.MAX_VALUE, 64 * 4)
  step = 0
  return input
}

/** Advances to the next block. */
export function advance(): void {
  step += BLOCK_ROWS
}

/** Divisor of the mean completed at a step, infinite where it belongs to no sample. */
export function divisorAt(at: i32, n: i32, window: i32): f32 {
  const sample = at - (halfOf(window) - 1)
  return sample >= 0 && sample < n ? <f32>countAt(at, n, window) : Infinity
}

/** Mean of a sum in the given mode. `divisor` is the address of an f32 for all lanes. */
@inline
export function meanOf(mode: i32, sum: v128, constant: v128, divisor: usize): v128 {
  if (mode == MULTIPLY) return f32x4.mul(sum, constant)
  if (mode == DIVIDE) return f32x4.div(sum, constant)
  return f32x4.div(sum, v128.load32_splat(divisor))
}

/** Slot in a ring over rows of the oldest row that the block's first step drops. */
@inline
export function oldestSlot(): usize {
  return <usize>((step - rowWindow + ringRows) % ringRows)
}

function fillSamples(n: i32, window: i32, steps: usize, divisors: usize): void {
  const lead = halfOf(window) - 1
  for (let part = 0; part < 64; ++part) {
    const centre = centreOf(part, n)
    store<i32>(steps + (<usize>part << 2), centre + 2 * lead)
    store<f32>(divisors + (<usize>part << 2), <f32>countAt(centre + lead, n, window))
  }
}
