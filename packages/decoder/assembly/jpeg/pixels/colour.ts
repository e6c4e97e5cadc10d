/**
 * RGB from brightness and two differences of colour (JFIF 1.02), in whole numbers of 16 bits after the point, each sum
 * rounded once and cut off at 0 and 255: libjpeg's.
 */
import { componentAt, count, height, PLANE, PLANE_STRIDE, width } from "../frame"
import { pixels } from "./canvas"
import { enlargedRow } from "./enlarge"
import { highPairs, lowPairs, pair } from "./lanes"

/**
 * 1.402 - 1 and 1.772 - 2, times 32,768: without their whole parts, which 16 bits cannot hold. The first is rounded up
 * by a half, which changes none of the 256 products.
 */
const RED: i16 = 13173
const BLUE: i16 = -7471
/** -0.34414 and 1 - 0.71414, times 65,536. */
const GREEN_OF_BLUE: i16 = -22554
const GREEN_OF_RED: i16 = 18734
const HALF: i32 = 1 << 15

/** Writes the pixels of all rows. */
export function colour(): void {
  for (let y: u32 = 0; y < height; y++) {
    const bright = <usize>load<u32>(componentAt(0) + PLANE) + <usize>y * <usize>load<u32>(componentAt(0) + PLANE_STRIDE)
    const to = pixels + <usize>y * <usize>width * 3
    if (count === 1) grey(bright, to)
    else rgb(bright, enlargedRow(1, y), enlargedRow(2, y), to)
  }
}

function grey(from: usize, to: usize): void {
  for (let i: usize = 0; i < <usize>width; i += 16) {
    const samples = v128.load(from + i)
    interleave(samples, samples, samples, to + 3 * i)
  }
}

function rgb(bright: usize, blue: usize, red: usize, to: usize): void {
  const middle = i16x8.splat(128)
  for (let i: usize = 0; i < <usize>width; i += 16) {
    const y = v128.load(bright + i)
    const cb = v128.load(blue + i)
    const cr = v128.load(red + i)
    const yl = i16x8.extend_low_i8x16_u(y)
    const yh = i16x8.extend_high_i8x16_u(y)
    const bl = i16x8.sub(i16x8.extend_low_i8x16_u(cb), middle)
    const bh = i16x8.sub(i16x8.extend_high_i8x16_u(cb), middle)
    const rl = i16x8.sub(i16x8.extend_low_i8x16_u(cr), middle)
    const rh = i16x8.sub(i16x8.extend_high_i8x16_u(cr), middle)
    const r = i8x16.narrow_i16x8_u(redOf(yl, rl), redOf(yh, rh))
    const g = i8x16.narrow_i16x8_u(greenOf(yl, bl, rl), greenOf(yh, bh, rh))
    const b = i8x16.narrow_i16x8_u(blueOf(yl, bl), blueOf(yh, bh))
    interleave(r, g, b, to + 3 * i)
  }
}

// @ts-ignore: decorator
@inline
function redOf(y: v128, cr: v128): v128 {
  return i16x8.add(i16x8.add(y, cr), i16x8.q15mulr_sat_s(cr, i16x8.splat(RED)))
}

// @ts-ignore: decorator
@inline
function blueOf(y: v128, cb: v128): v128 {
  return i16x8.add(i16x8.add(y, i16x8.shl(cb, 1)), i16x8.q15mulr_sat_s(cb, i16x8.splat(BLUE)))
}

// @ts-ignore: decorator
@inline
function greenOf(y: v128, cb: v128, cr: v128): v128 {
  const half = i32x4.splat(HALF)
  const factors = pair(GREEN_OF_BLUE, GREEN_OF_RED)
  const low = i32x4.add(i32x4.dot_i16x8_s(lowPairs(cb, cr), factors), half)
  const high = i32x4.add(i32x4.dot_i16x8_s(highPairs(cb, cr), factors), half)
  return i16x8.sub(i16x8.add(y, upper(low, high)), cr)
}

// @ts-ignore: decorator
@inline
function upper(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, 16), i32x4.shr_s(high, 16))
}

/** Writes 16 pixels, 48 bytes. A place of 128 or more in a swizzle gives zero. */
// @ts-ignore: decorator
@inline
function interleave(r: v128, g: v128, b: v128, to: usize): void {
  const r0 = i8x16(0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5)
  const g0 = i8x16(-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1)
  const b0 = i8x16(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1)
  const r1 = i8x16(-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1)
  const g1 = i8x16(5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10)
  const b1 = i8x16(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1)
  const r2 = i8x16(-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1)
  const g2 = i8x16(-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1)
  const b2 = i8x16(10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15)
  v128.store(to, v128.or(v128.or(i8x16.swizzle(r, r0), i8x16.swizzle(g, g0)), i8x16.swizzle(b, b0)))
  v128.store(to, v128.or(v128.or(i8x16.swizzle(r, r1), i8x16.swizzle(g, g1)), i8x16.swizzle(b, b1)), 16)
  v128.store(to, v128.or(v128.or(i8x16.swizzle(r, r2), i8x16.swizzle(g, g2)), i8x16.swizzle(b, b2)), 32)
}
