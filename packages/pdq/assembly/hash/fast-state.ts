/**
 * The pixels and weights of the fast kernel.
 *
 * Two box filters one after the other are one filter of tent shape, so each of the 64 parts of a row or column is a
 * weighted sum of at most 2 window - 1 samples around its centre, and nearly every sample counts once.
 */
import { growToRegions, releaseRegions, reserveRegion } from "./memory"
import { centreOf, channels, columns, countAt, halfOf, rows, windowOf } from "./shape"

/** Widest window whose weighted sums of bytes fit 16 bits: 255 times its square is below 2^16. */
export const NARROW: i32 = 16
/** Widest window whose weighted sums fit 31 bits. */
export const WIDE: i32 = 2048

/** i32 first and last row of each of the 64 parts of a column. */
const FIRST_ROWS: usize = memory.data(64 * 4, 16)
const LAST_ROWS: usize = memory.data(64 * 4, 16)
/** i32 first byte of a row of pixels in each of its 64 parts. */
export const FIRST_BYTES: usize = memory.data(64 * 4, 16)

export let window: i32 = 0
/** Bytes of a row of pixels, rounded up to whole iterations of the loops. */
export let rowBytes: usize = 0
/**
 * f32 weights of the bytes of each part of a row, `partVectors` vectors per part; they sum to 1 over window squared.
 */
export let columnWeights: usize = 0
export let partVectors: i32 = 0
/** f32 weights of the rows of a part at the upper or lower edge, for parts of even and of odd number. */
export let rowWeights: usize = 0
export let rowWeightsBytes: usize = 0
/** Weighted sums of a part's rows: u16, i32 or f32 a byte, for parts of even and of odd number. */
export let sums: usize = 0
export let sumsBytes: usize = 0
/** Weights of two rows in each lane of 32 bits, for the rows of one call. */
export let rowPairs: usize = 0
/** f64 differences from which weights are summed. */
let differences: usize = 0

/** Lays out the regions for a picture of the current shape. Returns the input's address, or 0. */
export function layOutFast(inputBytes: u64): usize {
  window = windowOf(rows)
  const columnWindow = windowOf(columns)
  const supportBytes = (2 * columnWindow - 1) * channels
  partVectors = (supportBytes + 3) >> 2
  rowBytes = (<usize>columns * channels + 31) & ~31
  rowWeightsBytes = <usize>(2 * window - 1) * 4
  // A part at the right edge may extend past the row by up to its length.
  sumsBytes = (rowBytes + <usize>partVectors * 4) * 4

  releaseRegions()
  const input = reserveRegion(inputBytes)
  columnWeights = reserveRegion(<u64>partVectors * 64 * 16)
  rowWeights = reserveRegion(2 * <u64>rowWeightsBytes)
  sums = reserveRegion(2 * <u64>sumsBytes)
  rowPairs = reserveRegion(<u64>window * 4 + 4)
  differences = reserveRegion(<u64>max(window, columnWindow) * 2 * 8)
  if (!growToRegions()) return 0

  memory.fill(sums, 0, 2 * sumsBytes)
  memory.fill(columnWeights, 0, <usize>partVectors * 64 * 16)
  fillColumnWeights(columnWindow)
  for (let part = 0; part < 64; ++part) {
    const at = <usize>part << 2
    const centre = centreOf(part, rows)
    store<i32>(FIRST_ROWS + at, firstOf(centre, window))
    store<i32>(LAST_ROWS + at, lastOf(centre, rows, window))
  }
  return input
}

@inline
export function firstRowOf(part: i32): i32 {
  return load<i32>(FIRST_ROWS + (<usize>part << 2))
}

@inline
export function lastRowOf(part: i32): i32 {
  return load<i32>(LAST_ROWS + (<usize>part << 2))
}

/** Whether all of a part's rows exist, so that its weights are 1, 2 ... window ... 2, 1. */
@inline
export function isWhole(part: i32): bool {
  return lastRowOf(part) - firstRowOf(part) == 2 * window - 2
}

/** Writes the weights of a part's rows, scaled like those of a whole part. */
export function fillRowWeights(part: i32, weights: usize): void {
  sumWeights(centreOf(part, rows), rows, window)
  const count = lastRowOf(part) - firstRowOf(part) + 1
  for (let at = 0; at < count; ++at) {
    const weight = load<f64>(differences + (<usize>at << 3))
    store<f32>(weights + (<usize>at << 2), <f32>(weight * <f64>window * <f64>window))
  }
}

function fillColumnWeights(columnWindow: i32): void {
  const scale = 1 / (<f64>window * <f64>window)
  let hasWhole = false
  for (let part = 0; part < 64; ++part) {
    const centre = centreOf(part, columns)
    const first = firstOf(centre, columnWindow)
    const count = lastOf(centre, columns, columnWindow) - first + 1
    store<i32>(FIRST_BYTES + (<usize>part << 2), first * channels)
    // All parts with only existing samples have the same weights.
    const whole = count == 2 * columnWindow - 1
    if (!whole || !hasWhole) sumWeights(centre, columns, columnWindow)
    hasWhole = whole
    let out = columnWeights + <usize>part * partVectors * 16
    for (let at = 0; at < count; ++at) {
      const weight = load<f64>(differences + (<usize>at << 3)) * scale
      if (channels == 1) {
        store<f32>(out, <f32>weight)
      } else {
        store<f32>(out, <f32>(weight * 0.299))
        store<f32>(out, <f32>(weight * 0.587), 4)
        store<f32>(out, <f32>(weight * 0.114), 8)
      }
      out += <usize>channels << 2
    }
  }
}

/** First sample that counts for a centre. */
function firstOf(centre: i32, window: i32): i32 {
  return max(0, centre - 2 * (window - halfOf(window)))
}

/** Last sample that counts for a centre. */
function lastOf(centre: i32, n: i32, window: i32): i32 {
  return min(n - 1, centre + 2 * (halfOf(window) - 1))
}

/** Leaves the weights of a centre's samples in `differences`: each box of the second filter spreads over one of the first. */
function sumWeights(centre: i32, n: i32, window: i32): void {
  const lead = halfOf(window) - 1
  const first = firstOf(centre, window)
  const count = lastOf(centre, n, window) - first + 1
  memory.fill(differences, 0, (<usize>count + 1) << 3)
  const share = 1 / <f64>countAt(centre + lead, n, window)
  const from = max(0, centre + lead - window + 1)
  const to = min(n - 1, centre + lead)
  for (let sample = from; sample <= to; ++sample) {
    const weight = share / <f64>countAt(sample + lead, n, window)
    const left = max(0, sample + lead - window + 1) - first
    const right = min(n - 1, sample + lead) - first + 1
    store<f64>(differences + (<usize>left << 3), load<f64>(differences + (<usize>left << 3)) + weight)
    store<f64>(differences + (<usize>right << 3), load<f64>(differences + (<usize>right << 3)) - weight)
  }
  let weight: f64 = 0
  for (let at = 0; at < count; ++at) {
    weight += load<f64>(differences + (<usize>at << 3))
    store<f64>(differences + (<usize>at << 3), weight)
  }
}
