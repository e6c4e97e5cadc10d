/**
 * The exact kernel: the reference's two box filters along rows and columns as one streaming pass over blocks of eight
 * rows, with every float32 operation in the reference's order, so that every bit is the same.
 *
 * A running sum cannot be split, so the lanes of a vector are rows where a sum runs along a row, and columns where it
 * runs along a column. The last filter touches only the 64 columns and rows that are sampled.
 */
import { filterColumns } from "./exact-columns"
import { filterRows } from "./exact-rows"
import {
  advance,
  BLOCK_ROWS,
  COLUMN_SAMPLE_DIVISORS,
  COLUMN_SAMPLES,
  groups,
  groupStride,
  layOut,
  oldestSlot,
  ringRows,
  ROW_SAMPLE_DIVISORS,
  ROW_SAMPLES,
  rowRing,
  rowSums,
  SAMPLED_SUMS,
  sampledRing,
  step,
} from "./exact-state"
import { SMALL } from "./memory"
import { strideBytes } from "./shape"
import { storeFour } from "./vectors"

/** f32 running sums down the 64 sampled columns after each of the block's rows. */
const SUMS: usize = memory.data(8 * 64 * 4, 16)

/** The next of the 64 sampled rows. */
let nextSample: i32 = 0

/** Prepares for a picture of the current shape. Returns the input's address, or 0 if the memory cannot grow. */
export function beginExact(inputBytes: u64): usize {
  nextSample = 0
  return layOut(inputBytes)
}

/**
 * Filters `count` rows of pixels; only the last call for a picture may have a count that is not a multiple of eight.
 */
export function feedExact(pixels: usize, count: i32): void {
  for (let row = 0; row < count; row += BLOCK_ROWS) {
    const missing = row + BLOCK_ROWS - count
    if (missing > 0) memory.fill(pixels + <usize>count * strideBytes, 0, <usize>missing * strideBytes)
    filterRows(pixels + <usize>row * strideBytes)
    filterBlock()
  }
}

/** Runs the windows out over the rows below the picture. */
export function finishExact(): void {
  while (nextSample < 64) {
    const slot = step % ringRows
    for (let group = 0; group < groups; ++group) {
      const ring = rowRing + <usize>group * groupStride
      memory.fill(ring + <usize>slot * 16, 0, BLOCK_ROWS * 16)
      if (slot == 0) memory.fill(ring + <usize>ringRows * 16, 0, BLOCK_ROWS * 16)
    }
    filterBlock()
  }
}

function filterBlock(): void {
  filterColumns()
  filterSamples()
  takeSamples()
  advance()
}

/** Second filter along columns, at the sampled columns only. */
function filterSamples(): void {
  const slot = step % ringRows
  const mirror: usize = slot == 0 ? <usize>ringRows * 16 : 0
  for (let four: usize = 0; four < 16; ++four) {
    const ring = sampledRing + four * groupStride
    const newest = ring + <usize>slot * 16
    const oldest = ring + oldestSlot() * 16
    gatherFour(four << 4, 0, newest, mirror)
    gatherFour(four << 4, 16, newest + 64, mirror)
    let sum = v128.load(SAMPLED_SUMS + (four << 4))
    for (let row: usize = 0; row < 8; ++row) {
      sum = f32x4.sub(f32x4.add(sum, v128.load(newest + (row << 4))), v128.load(oldest + (row << 4)))
      v128.store(SUMS + (row << 8) + (four << 4), sum)
    }
    v128.store(SAMPLED_SUMS + (four << 4), sum)
  }
}

/** Means at four sampled columns for four rows, turned to rows. `part` is four times the first of the columns. */
@inline
function gatherFour(part: usize, half: usize, out: usize, mirror: usize): void {
  const column0 = sampleAt(part, half)
  const column1 = sampleAt(part + 4, half)
  const column2 = sampleAt(part + 8, half)
  const column3 = sampleAt(part + 12, half)
  storeFour(out, column0, column1, column2, column3, mirror)
}

@inline
function sampleAt(part: usize, half: usize): v128 {
  const sums = rowSums + (<usize>load<i32>(COLUMN_SAMPLES + part) << 5) + half
  return f32x4.div(v128.load(sums), v128.load32_splat(COLUMN_SAMPLE_DIVISORS + part))
}

/** Writes the sampled rows that the block completes to the small matrix. */
function takeSamples(): void {
  let due = load<i32>(ROW_SAMPLES + (<usize>nextSample << 2))
  while (due < step + BLOCK_ROWS) {
    const from = SUMS + (<usize>(due - step) << 8)
    const into = SMALL + (<usize>nextSample << 8)
    const divisor = v128.load32_splat(ROW_SAMPLE_DIVISORS + (<usize>nextSample << 2))
    for (let at: usize = 0; at < 256; at += 16) v128.store(into + at, f32x4.div(v128.load(from + at), divisor))
    due = load<i32>(ROW_SAMPLES + (<usize>++nextSample << 2))
  }
}
