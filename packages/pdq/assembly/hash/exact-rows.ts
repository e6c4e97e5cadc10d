/** First filter along rows: pixels of eight rows become means in the row ring. Lanes are rows while sums run. */
import {
  columnDivisors,
  columnRingBytes,
  columnWindow,
  DIVIDE,
  DIVIDE_EACH,
  groups,
  groupStride,
  lumaRing,
  meanOf,
  MULTIPLY,
  ringRows,
  rowRing,
  step,
} from "./exact-state"
import { BLUE, GREEN, greyOf, lumaOfLanes, maskOf, RED, sumOf, weigh } from "./luma"
import { channels, columns, isPowerOfTwo, strideBytes } from "./shape"
import { highHalves, highPairs, lowHalves, lowPairs, storeColumns, storeFour } from "./vectors"

/** Running sums of rows 0 to 3 and 4 to 7 between two stretches of groups. */
const SUMS: usize = memory.data(32, 16)

/** Filters eight rows of pixels. */
export function filterRows(pixels: usize): void {
  memory.fill(lumaRing + columnRingBytes - <usize>columnWindow * 32, 0, <usize>columnWindow * 32)
  memory.fill(SUMS, 0, 32)
  // Between these groups the window is full and every pixel exists.
  const from = min(groups, (columnWindow + 2) >> 2)
  const to = max(from, columns >> 2)
  if (channels == 3) filterStretches(3, pixels, from, to)
  else if (channels == 1) filterStretches(1, pixels, from, to)
  else filterStretches(4, pixels, from, to)
}

@inline
function filterStretches(layout: i32, pixels: usize, from: i32, to: i32): void {
  filterGroups(layout, DIVIDE_EACH, pixels, 0, from)
  if (isPowerOfTwo(columnWindow)) filterGroups(layout, MULTIPLY, pixels, from, to)
  else filterGroups(layout, DIVIDE, pixels, from, to)
  filterGroups(layout, DIVIDE_EACH, pixels, to, groups)
}

@inline
function filterGroups(layout: i32, mode: i32, pixels: usize, from: i32, to: i32): void {
  const ringMask = columnRingBytes - 1
  const mask0 = maskOf(0)
  const mask1 = maskOf(1)
  const mask2 = maskOf(2)
  const constant = f32x4.splat(mode == MULTIPLY ? <f32>1 / <f32>columnWindow : <f32>columnWindow)
  const slot = step % ringRows
  const rowMirror: usize = slot == 0 ? <usize>ringRows * 16 : 0
  let top = v128.load(SUMS)
  let bottom = v128.load(SUMS, 16)
  let at = pixels + <usize>from * 4 * layout
  let out = rowRing + <usize>from * groupStride + <usize>slot * 16
  for (let group = from; group < to; ++group) {
    const newest = (<usize>group * 128) & ringMask
    const mirror: usize = newest == 0 ? columnRingBytes : 0
    const into = lumaRing + newest
    const oldest = lumaRing + ((<usize>group * 128 - <usize>columnWindow * 32) & ringMask)
    const divisors = columnDivisors + <usize>group * 16
    const left = mode == DIVIDE_EACH ? columns - group * 4 : 4
    top = filterFour(
      layout, mode, at, left, mask0, mask1, mask2, top, constant, divisors, into, mirror, oldest, out, rowMirror,
    )
    bottom = filterFour(
      layout, mode, at + 4 * strideBytes, left, mask0, mask1, mask2, bottom, constant, divisors,
      into + 16, mirror, oldest + 16, out + 64, rowMirror,
    )
    at += 4 * layout
    out += groupStride
  }
  v128.store(SUMS, top)
  v128.store(SUMS, bottom, 16)
}

/**
 * Four rows, four columns: luma into its ring, sums on over the columns, means turned to rows and into theirs. The
 * columns from `left` on are outside the picture. Returns the last sums.
 */
@inline
function filterFour(
  layout: i32,
  mode: i32,
  pixels: usize,
  left: i32,
  mask0: v128,
  mask1: v128,
  mask2: v128,
  sums: v128,
  constant: v128,
  divisors: usize,
  into: usize,
  columnMirror: usize,
  oldest: usize,
  out: usize,
  rowMirror: usize,
): v128 {
  const at1 = pixels + strideBytes
  const at2 = at1 + strideBytes
  const at3 = at2 + strideBytes
  let column0: v128
  let column1: v128
  let column2: v128
  let column3: v128
  if (mode == DIVIDE_EACH && left <= 0) {
    column0 = column1 = column2 = column3 = f32x4.splat(0)
  } else if (layout == 1) {
    const low01 = lowPairs(v128.load32_zero(pixels), v128.load32_zero(at1))
    const low23 = lowPairs(v128.load32_zero(at2), v128.load32_zero(at3))
    const lanes = lowHalves(low01, low23)
    column0 = greyOf(lanes, 0, mask0)
    column1 = greyOf(lanes, 1, mask1)
    column2 = greyOf(lanes, 2, mask2)
    column3 = greyOf(lanes, 3, mask0)
  } else {
    const row0 = v128.load(pixels)
    const row1 = v128.load(at1)
    const row2 = v128.load(at2)
    const row3 = v128.load(at3)
    const low01 = lowPairs(row0, row1)
    const low23 = lowPairs(row2, row3)
    const high01 = highPairs(row0, row1)
    const high23 = highPairs(row2, row3)
    const lanes0 = lowHalves(low01, low23)
    const lanes1 = highHalves(low01, low23)
    const lanes2 = lowHalves(high01, high23)
    if (layout == 4) {
      column0 = lumaOfLanes(lanes0, mask0, mask1, mask2)
      column1 = lumaOfLanes(lanes1, mask0, mask1, mask2)
      column2 = lumaOfLanes(lanes2, mask0, mask1, mask2)
      column3 = lumaOfLanes(highHalves(high01, high23), mask0, mask1, mask2)
    } else {
      // Twelve bytes of a row are in three lanes: RGBR GBRG BRGB.
      column0 = lumaOfLanes(lanes0, mask0, mask1, mask2)
      column1 = sumOf(weigh(lanes0, 3, RED, mask0), weigh(lanes1, 0, GREEN, mask0), weigh(lanes1, 1, BLUE, mask1))
      column2 = sumOf(weigh(lanes1, 2, RED, mask2), weigh(lanes1, 3, GREEN, mask0), weigh(lanes2, 0, BLUE, mask0))
      column3 = sumOf(weigh(lanes2, 1, RED, mask1), weigh(lanes2, 2, GREEN, mask2), weigh(lanes2, 3, BLUE, mask0))
    }
  }
  if (mode == DIVIDE_EACH) {
    if (left < 4) column3 = f32x4.splat(0)
    if (left < 3) column2 = f32x4.splat(0)
    if (left < 2) column1 = f32x4.splat(0)
  }
  storeColumns(into, column0, column1, column2, column3, columnMirror)
  const sum0 = f32x4.sub(f32x4.add(sums, column0), v128.load(oldest))
  const sum1 = f32x4.sub(f32x4.add(sum0, column1), v128.load(oldest, 32))
  const sum2 = f32x4.sub(f32x4.add(sum1, column2), v128.load(oldest, 64))
  const sum3 = f32x4.sub(f32x4.add(sum2, column3), v128.load(oldest, 96))
  const mean0 = meanOf(mode, sum0, constant, divisors)
  const mean1 = meanOf(mode, sum1, constant, divisors + 4)
  const mean2 = meanOf(mode, sum2, constant, divisors + 8)
  const mean3 = meanOf(mode, sum3, constant, divisors + 12)
  storeFour(out, mean0, mean1, mean2, mean3, rowMirror)
  return sum3
}
