/** Weighted sums of rows, byte by byte, each over 32 or 16 columns of bytes at a time. */
import { rowBytes, rowPairs, window } from "./fast-state"
import { strideBytes } from "./shape"

/**
 * Sums 2 window - 1 rows by weights 1, 2 ... window ... 2, 1 to u16. From the middle outwards, a row is added again
 * with each following row, which gives its weight.
 */
export function sumNarrow(first: usize, out: usize): void {
  const middle = first + <usize>(window - 1) * strideBytes
  for (let x: usize = 0; x < rowBytes; x += 32) {
    let met0 = i16x8.splat(0)
    let met1 = met0
    let met2 = met0
    let met3 = met0
    let sum0 = met0
    let sum1 = met0
    let sum2 = met0
    let sum3 = met0
    let at = middle + x
    for (let row = 0; row < window; ++row) {
      met0 = i16x8.add(met0, v128.load_ext<u8>(at))
      met1 = i16x8.add(met1, v128.load_ext<u8>(at, 8))
      met2 = i16x8.add(met2, v128.load_ext<u8>(at, 16))
      met3 = i16x8.add(met3, v128.load_ext<u8>(at, 24))
      sum0 = i16x8.add(sum0, met0)
      sum1 = i16x8.add(sum1, met1)
      sum2 = i16x8.add(sum2, met2)
      sum3 = i16x8.add(sum3, met3)
      at -= strideBytes
    }
    met0 = i16x8.splat(0)
    met1 = met0
    met2 = met0
    met3 = met0
    at = middle + strideBytes + x
    for (let row = 1; row < window; ++row) {
      met0 = i16x8.add(met0, v128.load_ext<u8>(at))
      met1 = i16x8.add(met1, v128.load_ext<u8>(at, 8))
      met2 = i16x8.add(met2, v128.load_ext<u8>(at, 16))
      met3 = i16x8.add(met3, v128.load_ext<u8>(at, 24))
      sum0 = i16x8.add(sum0, met0)
      sum1 = i16x8.add(sum1, met1)
      sum2 = i16x8.add(sum2, met2)
      sum3 = i16x8.add(sum3, met3)
      at += strideBytes
    }
    const into = out + (x << 1)
    v128.store(into, sum0)
    v128.store(into, sum1, 16)
    v128.store(into, sum2, 32)
    v128.store(into, sum3, 48)
  }
}

/**
 * Adds `count` rows of a whole part, of which the first is row `from` of the part, to i32 sums; `starts` clears them
 * first. May read, but not count, one row more.
 */
export function sumWide(pixels: usize, from: i32, count: i32, starts: bool, out: usize): void {
  const pairs = (count + 1) >> 1
  for (let pair = 0; pair < pairs; ++pair) {
    const row = from + 2 * pair
    const weight = min(row + 1, 2 * window - 1 - row)
    const next = 2 * pair + 1 < count ? min(row + 2, 2 * window - 2 - row) : 0
    store<i32>(rowPairs + (<usize>pair << 2), weight | (next << 16))
  }
  const zero = i32x4.splat(0)
  for (let x: usize = 0; x < rowBytes; x += 16) {
    const into = out + (x << 2)
    let sum0 = starts ? zero : v128.load(into)
    let sum1 = starts ? zero : v128.load(into, 16)
    let sum2 = starts ? zero : v128.load(into, 32)
    let sum3 = starts ? zero : v128.load(into, 48)
    let at = pixels + x
    for (let pair = 0; pair < pairs; ++pair) {
      const weights = v128.load32_splat(rowPairs + (<usize>pair << 2))
      const row = v128.load(at)
      const next = v128.load(at + strideBytes)
      const low = v128.shuffle<u8>(row, next, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
      const high = v128.shuffle<u8>(row, next, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
      sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), weights))
      sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), weights))
      sum2 = i32x4.add(sum2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), weights))
      sum3 = i32x4.add(sum3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), weights))
      at += 2 * strideBytes
    }
    v128.store(into, sum0)
    v128.store(into, sum1, 16)
    v128.store(into, sum2, 32)
    v128.store(into, sum3, 48)
  }
}

// Deliberately repeats the structure of the sums above, because a call would move the sums out of the registers.
/** Adds `count` rows with the given f32 weights to f32 sums; `starts` clears them first. */
export function sumWeighed(pixels: usize, weights: usize, count: i32, starts: bool, out: usize): void {
  const zero = f32x4.splat(0)
  for (let x: usize = 0; x < rowBytes; x += 16) {
    const into = out + (x << 2)
    let sum0 = starts ? zero : v128.load(into)
    let sum1 = starts ? zero : v128.load(into, 16)
    let sum2 = starts ? zero : v128.load(into, 32)
    let sum3 = starts ? zero : v128.load(into, 48)
    let at = pixels + x
    for (let row = 0; row < count; ++row) {
      const weight = v128.load32_splat(weights + (<usize>row << 2))
      const bytes = v128.load(at)
      const low = i16x8.extend_low_i8x16_u(bytes)
      const high = i16x8.extend_high_i8x16_u(bytes)
      sum0 = f32x4.add(sum0, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), weight))
      sum1 = f32x4.add(sum1, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), weight))
      sum2 = f32x4.add(sum2, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), weight))
      sum3 = f32x4.add(sum3, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), weight))
      at += strideBytes
    }
    v128.store(into, sum0)
    v128.store(into, sum1, 16)
    v128.store(into, sum2, 32)
    v128.store(into, sum3, 48)
  }
}
