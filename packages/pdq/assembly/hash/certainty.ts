/**
 * Bounds the distance between the fast kernel's result and the exact one's.
 *
 * Both compute the same numbers except for float32 rounding. The reference keeps one running sum along each row and
 * column: with a window of w samples of at most 255, a step rounds twice, by half a unit in the last place of sums of
 * up to (w + 1) * 255 and w * 255. After n steps the mean has drifted by at most
 *
 *   drift(n) = n * 2^-24 * (p((w + 1) * 255) + p(w * 255)) / w, p(x) the greatest power of two up to x,
 *
 * and through two filters along each direction by d = 2 drift(columns) + 2 drift(rows). A term of the transform is taken
 * to differ by at most d and 0.01 for the transform's own sums; over generated symmetric and periodic pictures of 64 to
 * 3,333 pixels a side it never differed by more than 0.53 d or by half of this. So a term further than twice that from
 * the median lies on the same side of it by either kernel, as the median moves by no more than a term can.
 */
import { mayCross } from "./quality"
import { columns, rows, windowOf } from "./shape"

/** Greatest sample: the largest byte. */
const WHITE: i32 = 255
/** Rounding that the transform's sums of 64 products, and the fast kernel's sums, may add to a term and to a sample. */
const TERM_ROUNDING: f64 = 0.01
const SAMPLE_ROUNDING: f64 = 0.002

/** Bits that may differ. */
const MAX_BITS: i32 = 4
/** Quality from which a picture's hash is matched. */
const MATCHED_QUALITY: i32 = 50

let nearDistance: f32 = 0
let percentBound: f32 = 0
let mostBits: i32 = 0

/** Derives the bounds for the current shape, and resets the count of terms. */
export function startCertainty(): void {
  const drift = 2 * driftOf(columns) + 2 * driftOf(rows)
  nearDistance = <f32>(2 * (drift + TERM_ROUNDING))
  // At an edge the mean is over half a window, and a difference is of two samples.
  percentBound = <f32>(2 * (2 * drift + SAMPLE_ROUNDING) * 100 / 255)
  mostBits = 0
}

/** Drift of a running mean over n samples. */
function driftOf(n: i32): f64 {
  const window = windowOf(n)
  return (<f64>n * (powerUpTo((window + 1) * WHITE) + powerUpTo(window * WHITE))) / (<f64>window * 16777216)
}

function powerUpTo(value: i32): f64 {
  return <f64>((<u32>1) << (31 - clz(value)))
}

/**
 * Counts the terms near the median among the 256 given ones, and from them the bits that the exact kernel may set
 * differently.
 *
 * Only near terms can change sides. The exact kernel sets at most 128 bits, so it sets no more of those than it clears,
 * and than ties kept from being set here.
 */
export function countNear(values: usize, median: f32): void {
  const middle = f32x4.splat(median)
  const upper = f32x4.splat(median + nearDistance)
  const lower = f32x4.splat(median - nearDistance)
  let aboveMiddle = i32x4.splat(0)
  let aboveUpper = aboveMiddle
  let fromLower = aboveMiddle
  for (let at: usize = 0; at < 1024; at += 16) {
    const terms = v128.load(values + at)
    aboveMiddle = i32x4.sub(aboveMiddle, f32x4.gt(terms, middle))
    aboveUpper = i32x4.sub(aboveUpper, f32x4.gt(terms, upper))
    fromLower = i32x4.sub(fromLower, f32x4.ge(terms, lower))
  }
  const set = sumOfLanes(aboveMiddle)
  const far = sumOfLanes(aboveUpper)
  mostBits = max(mostBits, min(sumOfLanes(fromLower) - far, 2 * (set - far) + 128 - set))
}

@inline
function sumOfLanes(counts: v128): i32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  )
}

/** Whether a hash written since the start may be more than 4 bits away, or the quality on the other side of 50. */
export function mayDiffer(): bool {
  return mostBits > MAX_BITS || mayCross(MATCHED_QUALITY, percentBound)
}
