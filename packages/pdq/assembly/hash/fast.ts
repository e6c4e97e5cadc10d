/**
 * The fast kernel: each row of the small matrix is one weighted sum of rows of pixels, each of its values one weighted
 * sum of bytes of that. Sums of bytes are whole numbers and exact, so the result is nearer to the filter's definition
 * than the reference's running sums are; hashes differ where a term is within rounding of the median.
 */
import { sumNarrow, sumWeighed, sumWide } from "./fast-rows"
import {
  columnWeights,
  fillRowWeights,
  FIRST_BYTES,
  firstRowOf,
  isWhole,
  lastRowOf,
  layOutFast,
  NARROW,
  partVectors,
  rowWeights,
  rowWeightsBytes,
  sums,
  sumsBytes,
  WIDE,
  window,
} from "./fast-state"
import { SMALL } from "./memory"
import { strideBytes } from "./shape"
import { highHalves, highPairs, lowHalves, lowPairs } from "./vectors"

/** Type of a part's sums. */
const U16: i32 = 0
const I32: i32 = 1
const F32: i32 = 2

/** First part that is not finished, and first row that was never fed. */
let part: i32 = 0
let fed: i32 = 0

/** Prepares for a picture of the current shape. Returns the input's address, or 0 if the memory cannot grow. */
export function beginFast(inputBytes: u64): usize {
  part = 0
  fed = 0
  return layOutFast(inputBytes)
}

/** First row for the next strip. Narrow windows need all rows of a part at once, even if some were fed before. */
export function nextRowFast(): i32 {
  return window <= NARROW ? firstRowOf(part) : max(fed, firstRowOf(part))
}

/** Number of rows for the next strip, at most `stripRows`; 0 when the picture is complete. */
export function wantedRowsFast(stripRows: i32): i32 {
  if (part == 64) return 0
  const from = nextRowFast()
  if (window > NARROW) return min(stripRows, lastRowOf(63) - from + 1)
  let last = part
  while (last < 63 && lastRowOf(last + 1) - from < stripRows) ++last
  return lastRowOf(last) - from + 1
}

/** Takes `count` rows from row `nextRowFast` on. */
export function feedFast(pixels: usize, count: i32): void {
  const from = nextRowFast()
  const end = from + count
  for (let at = part; at < 64 && firstRowOf(at) < end; ++at) {
    const first = max(from, firstRowOf(at))
    // A narrow window waits for the strip with all rows of the part.
    if (window <= NARROW && lastRowOf(at) >= end) break
    const last = min(end - 1, lastRowOf(at))
    addRows(at, pixels + <usize>(first - from) * strideBytes, first, last - first + 1)
    if (last == lastRowOf(at)) part = at + 1
  }
  fed = end
}

/** Adds rows to a part, and writes the part's row of the small matrix when its last row is among them. */
function addRows(at: i32, pixels: usize, first: i32, count: i32): void {
  const out = sums + <usize>(at & 1) * sumsBytes
  const starts = first == firstRowOf(at)
  const ends = first + count - 1 == lastRowOf(at)
  if (!isWhole(at) || window > WIDE) {
    const weights = rowWeights + <usize>(at & 1) * rowWeightsBytes
    if (starts) fillRowWeights(at, weights)
    sumWeighed(pixels, weights + (<usize>(first - firstRowOf(at)) << 2), count, starts, out)
    if (ends) writeRow(F32, out, SMALL + (<usize>at << 8))
  } else if (window <= NARROW) {
    sumNarrow(pixels, out)
    writeRow(U16, out, SMALL + (<usize>at << 8))
  } else {
    sumWide(pixels, first - firstRowOf(at), count, starts, out)
    if (ends) writeRow(I32, out, SMALL + (<usize>at << 8))
  }
}

/** The 64 weighted sums of a row's sums, four at a time. */
@inline
function writeRow(kind: i32, from: usize, out: usize): void {
  const shift: usize = kind == U16 ? 1 : 2
  const weightsBytes = <usize>partVectors << 4
  for (let four: usize = 0; four < 16; ++four) {
    let at0 = from + (<usize>load<i32>(FIRST_BYTES + (four << 4)) << shift)
    let at1 = from + (<usize>load<i32>(FIRST_BYTES + (four << 4), 4) << shift)
    let at2 = from + (<usize>load<i32>(FIRST_BYTES + (four << 4), 8) << shift)
    let at3 = from + (<usize>load<i32>(FIRST_BYTES + (four << 4), 12) << shift)
    let weights0 = columnWeights + 4 * four * weightsBytes
    const end = weights0 + weightsBytes
    let sum0 = f32x4.splat(0)
    let sum1 = sum0
    let sum2 = sum0
    let sum3 = sum0
    while (weights0 < end) {
      sum0 = f32x4.add(sum0, f32x4.mul(valuesAt(kind, at0), v128.load(weights0)))
      sum1 = f32x4.add(sum1, f32x4.mul(valuesAt(kind, at1), v128.load(weights0 + weightsBytes)))
      sum2 = f32x4.add(sum2, f32x4.mul(valuesAt(kind, at2), v128.load(weights0 + 2 * weightsBytes)))
      sum3 = f32x4.add(sum3, f32x4.mul(valuesAt(kind, at3), v128.load(weights0 + 3 * weightsBytes)))
      weights0 += 16
      at0 += <usize>4 << shift
      at1 += <usize>4 << shift
      at2 += <usize>4 << shift
      at3 += <usize>4 << shift
    }
    const low01 = lowPairs(sum0, sum1)
    const low23 = lowPairs(sum2, sum3)
    const high01 = highPairs(sum0, sum1)
    const high23 = highPairs(sum2, sum3)
    const total01 = f32x4.add(lowHalves(low01, low23), highHalves(low01, low23))
    const total23 = f32x4.add(lowHalves(high01, high23), highHalves(high01, high23))
    v128.store(out + (four << 4), f32x4.add(total01, total23))
  }
}

/** Four sums as f32. */
@inline
function valuesAt(kind: i32, at: usize): v128 {
  if (kind == F32) return v128.load(at)
  return f32x4.convert_i32x4_s(kind == U16 ? v128.load_ext<u16>(at) : v128.load(at))
}
