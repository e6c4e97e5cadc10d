/** Quality of the 64x64 matrix. */
import { SMALL } from "./memory"

/** Sum over neighbours of the small matrix of their difference in whole percent, scaled to 0 to 100. */
export function quality(): i32 {
  return qualityOf(sumOfPercents(true, 0))
}

/** Whether a quality on one side of `bound` may lie on its other side where differences are wrong by `percent`. */
export function mayCross(bound: i32, percent: f32): bool {
  return qualityOf(sumOfPercents(false, -percent)) < bound && qualityOf(sumOfPercents(false, percent)) >= bound
}

function qualityOf(sum: f32): i32 {
  return min(100, <i32>sum / 90)
}

/**
 * Sum over neighbours of the small matrix of their difference in percent, each moved by `shift` and cut to a whole
 * number of at least 0. Where `exactly`, each is rounded as the reference does.
 */
@inline
function sumOfPercents(exactly: bool, shift: f32): f32 {
  const moved = f32x4.splat(shift)
  // Whole numbers below 2^24 in all: float32 sums them exactly, in any order.
  let along = f32x4.splat(0)
  let down = along
  for (let row: usize = 0; row < 64; ++row) {
    const at = SMALL + (row << 8)
    for (let x: usize = 0; x < 256; x += 16) {
      const here = v128.load(at + x)
      // The last sample of a row has no neighbour: it is its own.
      const next = x < 240 ? v128.load(at + x, 4) : v128.shuffle<f32>(here, here, 1, 2, 3, 3)
      along = f32x4.add(along, percents(exactly, f32x4.sub(here, next), moved))
      if (row < 63) down = f32x4.add(down, percents(exactly, f32x4.sub(here, v128.load(at + x, 256)), moved))
    }
  }
  const sum = f32x4.add(along, down)
  return (
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)
  )
}

@inline
function percents(exactly: bool, difference: v128, shift: v128): v128 {
  if (exactly) {
    const percent = f32x4.div(f32x4.mul(difference, f32x4.splat(100)), f32x4.splat(255))
    return f32x4.trunc(f32x4.abs(percent))
  }
  const percent = f32x4.abs(f32x4.mul(difference, f32x4.splat(100 / 255)))
  return f32x4.trunc(f32x4.pmax(f32x4.splat(0), f32x4.add(percent, shift)))
}
