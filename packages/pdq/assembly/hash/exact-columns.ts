/** First filter along columns and second along rows: means in the row ring become running sums at every column step. */
import {
  BLOCK_ROWS,
  columnRingBytes,
  columnSums,
  columnWindow,
  DIVIDE,
  DIVIDE_EACH,
  divisorAt,
  groups,
  groupStride,
  meanOf,
  meanRing,
  MULTIPLY,
  oldestSlot,
  ringRows,
  ROW_DIVISORS,
  rowRing,
  rowSums,
  rowWindow,
  step,
} from "./exact-state"
import { isPowerOfTwo, rows } from "./shape"
import { highHalves, highPairs, lowHalves, lowPairs, storeColumns } from "./vectors"

/** Filters the block's eight rows. */
export function filterColumns(): void {
  memory.fill(meanRing + columnRingBytes - <usize>columnWindow * 32, 0, <usize>columnWindow * 32)
  // Where the window is always full, all rows share a divisor.
  if (step >= rowWindow - 1 && step + BLOCK_ROWS <= rows) {
    if (isPowerOfTwo(rowWindow)) filterGroups(MULTIPLY)
    else filterGroups(DIVIDE)
    return
  }
  for (let row = 0; row < BLOCK_ROWS; ++row) {
    store<f32>(ROW_DIVISORS + (<usize>row << 2), divisorAt(step + row, rows, rowWindow))
  }
  filterGroups(DIVIDE_EACH)
}

@inline
function filterGroups(mode: i32): void {
  const ringMask = columnRingBytes - 1
  const constant = f32x4.splat(mode == MULTIPLY ? <f32>1 / <f32>rowWindow : <f32>rowWindow)
  let newest = rowRing + <usize>(step % ringRows) * 16
  let oldest = rowRing + oldestSlot() * 16
  let top = f32x4.splat(0)
  let bottom = f32x4.splat(0)
  let sums = columnSums
  let out = rowSums
  const end = rowSums + <usize>groups * 128
  for (let ring: usize = 0; out < end; ring += 128) {
    const slot = ring & ringMask
    const mirror: usize = slot == 0 ? columnRingBytes : 0
    const into = meanRing + slot
    const dropped = meanRing + ((ring - <usize>columnWindow * 32) & ringMask)
    top = filterFour(mode, constant, ROW_DIVISORS, sums, newest, oldest, top, into, mirror, dropped, out)
    bottom = filterFour(
      mode, constant, ROW_DIVISORS + 16, sums, newest + 64, oldest + 64, bottom, into + 16, mirror, dropped + 16, out + 16,
    )
    newest += groupStride
    oldest += groupStride
    sums += 16
    out += 128
  }
}

/**
 * Four rows, four columns: sums down the columns on over the rows, means turned to columns and into their ring, sums
 * along the rows on over the columns. Returns the last of these.
 */
@inline
function filterFour(
  mode: i32,
  constant: v128,
  divisors: usize,
  sums: usize,
  newest: usize,
  oldest: usize,
  before: v128,
  into: usize,
  mirror: usize,
  dropped: usize,
  out: usize,
): v128 {
  const sum0 = f32x4.sub(f32x4.add(v128.load(sums), v128.load(newest)), v128.load(oldest))
  const sum1 = f32x4.sub(f32x4.add(sum0, v128.load(newest, 16)), v128.load(oldest, 16))
  const sum2 = f32x4.sub(f32x4.add(sum1, v128.load(newest, 32)), v128.load(oldest, 32))
  const sum3 = f32x4.sub(f32x4.add(sum2, v128.load(newest, 48)), v128.load(oldest, 48))
  v128.store(sums, sum3)
  const row0 = meanOf(mode, sum0, constant, divisors)
  const row1 = meanOf(mode, sum1, constant, divisors + 4)
  const row2 = meanOf(mode, sum2, constant, divisors + 8)
  const row3 = meanOf(mode, sum3, constant, divisors + 12)
  const low01 = lowPairs(row0, row1)
  const low23 = lowPairs(row2, row3)
  const high01 = highPairs(row0, row1)
  const high23 = highPairs(row2, row3)
  const column0 = lowHalves(low01, low23)
  const column1 = highHalves(low01, low23)
  const column2 = lowHalves(high01, high23)
  const column3 = highHalves(high01, high23)
  storeColumns(into, column0, column1, column2, column3, mirror)
  const run0 = f32x4.sub(f32x4.add(before, column0), v128.load(dropped))
  const run1 = f32x4.sub(f32x4.add(run0, column1), v128.load(dropped, 32))
  const run2 = f32x4.sub(f32x4.add(run1, column2), v128.load(dropped, 64))
  const run3 = f32x4.sub(f32x4.add(run2, column3), v128.load(dropped, 96))
  storeColumns(out, run0, run1, run2, run3, 0)
  return run3
}
