/**
 * The inverse transform of a block (ITU-T T.81, A.3.3) by Loeffler, Ligtenberg and Moschytz's eleven multiplications,
 * in whole numbers of 13 bits after the point: libjpeg's accurate one, as its code for vectors computes it, so that
 * every pixel is the same, also where 16 bits overflow.
 */
import { BLOCK, TURNED } from "../memory"
import { highPairs, lowPairs, pair } from "./lanes"

/** Bits after the point of the constants, and of what the first pass leaves for the second. */
const CONSTANT_BITS: i32 = 13
const FIRST_BITS: i32 = 2

const F_0_298: i16 = 2446
const F_0_390: i16 = 3196
const F_0_541: i16 = 4433
const F_0_765: i16 = 6270
const F_0_899: i16 = 7373
const F_1_175: i16 = 9633
const F_1_501: i16 = 12299
const F_1_847: i16 = 15137
const F_1_961: i16 = 16069
const F_2_053: i16 = 16819
const F_2_562: i16 = 20995
const F_3_072: i16 = 25172

/**
 * Transforms the coefficients at `BLOCK` to 8 x 8 samples.
 *
 * @param steps - the block's quantisation table, 64 of 16 bits.
 * @param to - the first sample; rows follow at every `stride` bytes.
 */
export function inverse(steps: usize, to: usize, stride: usize): void {
  if (hasRows()) pass(BLOCK, steps, TURNED, CONSTANT_BITS - FIRST_BITS)
  else repeatColumns(steps)
  pass(TURNED, 0, BLOCK, CONSTANT_BITS + FIRST_BITS + 3)
  for (let row: usize = 0; row < 8; row += 2) {
    const two = i8x16.narrow_i16x8_s(v128.load(BLOCK + (row << 4)), v128.load(BLOCK + (row << 4), 16))
    const samples = v128.xor(two, i8x16.splat(-128))
    const at = to + row * stride
    v128.store64_lane(at, samples, 0)
    v128.store64_lane(at + stride, samples, 1)
  }
}

/** Writes the samples of a block whose only coefficient is the first. */
export function flat(first: i32, to: usize, stride: usize): void {
  const sample = <u64>(min(127, max(-128, (first + 4) >> 3)) + 128) * 0x0101010101010101
  for (let row: usize = 0; row < 8; row++) store<u64>(to + row * stride, sample)
}

/** Whether a coefficient below the first row is not zero. */
// @ts-ignore: decorator
@inline
function hasRows(): bool {
  const a = v128.or(v128.load(BLOCK, 16), v128.load(BLOCK, 32))
  const b = v128.or(v128.load(BLOCK, 48), v128.load(BLOCK, 64))
  const c = v128.or(v128.load(BLOCK, 80), v128.load(BLOCK, 96))
  return v128.any_true(v128.or(v128.or(a, b), v128.or(c, v128.load(BLOCK, 112))))
}

/** The first pass without rows below the first, which differs from the whole one where 16 bits overflow. */
function repeatColumns(steps: usize): void {
  v128.store(BLOCK, i16x8.shl(i16x8.mul(v128.load(BLOCK), v128.load(steps)), FIRST_BITS))
  for (let column: usize = 0; column < 8; column++) {
    v128.store(TURNED + (column << 4), i16x8.splat(load<i16>(BLOCK + (column << 1))))
  }
}

/** Transforms eight columns at once and turns the result, so that the next pass transforms what were rows. */
// @ts-ignore: decorator
@inline
function pass(from: usize, steps: usize, to: usize, shift: i32): void {
  const half = i32x4.splat(1 << (shift - 1))
  const a0 = row(from, steps, 0)
  const a4 = row(from, steps, 4)
  const sum = i16x8.add(a0, a4)
  const difference = i16x8.sub(a0, a4)
  const a2 = row(from, steps, 2)
  const a6 = row(from, steps, 6)
  const low26 = lowPairs(a2, a6)
  const high26 = highPairs(a2, a6)
  const c2 = pair(F_0_541, F_0_541 - F_1_847)
  const c3 = pair(F_0_541 + F_0_765, F_0_541)
  const t3l = i32x4.dot_i16x8_s(low26, c3)
  const t3h = i32x4.dot_i16x8_s(high26, c3)
  const t2l = i32x4.dot_i16x8_s(low26, c2)
  const t2h = i32x4.dot_i16x8_s(high26, c2)
  const t0l = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(sum), CONSTANT_BITS), half)
  const t0h = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(sum), CONSTANT_BITS), half)
  const t1l = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(difference), CONSTANT_BITS), half)
  const t1h = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(difference), CONSTANT_BITS), half)

  const a1 = row(from, steps, 1)
  const a3 = row(from, steps, 3)
  const a5 = row(from, steps, 5)
  const a7 = row(from, steps, 7)
  const z3 = i16x8.add(a7, a3)
  const z4 = i16x8.add(a5, a1)
  const lowZ = lowPairs(z3, z4)
  const highZ = highPairs(z3, z4)
  const cz3 = pair(F_1_175 - F_1_961, F_1_175)
  const cz4 = pair(F_1_175, F_1_175 - F_0_390)
  const z3l = i32x4.dot_i16x8_s(lowZ, cz3)
  const z3h = i32x4.dot_i16x8_s(highZ, cz3)
  const z4l = i32x4.dot_i16x8_s(lowZ, cz4)
  const z4h = i32x4.dot_i16x8_s(highZ, cz4)
  const low71 = lowPairs(a7, a1)
  const high71 = highPairs(a7, a1)
  const low53 = lowPairs(a5, a3)
  const high53 = highPairs(a5, a3)
  const c7 = pair(F_0_298 - F_0_899, -F_0_899)
  const c1 = pair(-F_0_899, F_1_501 - F_0_899)
  const c5 = pair(F_2_053 - F_2_562, -F_2_562)
  const c3odd = pair(-F_2_562, F_3_072 - F_2_562)
  const o7l = i32x4.add(i32x4.dot_i16x8_s(low71, c7), z3l)
  const o7h = i32x4.add(i32x4.dot_i16x8_s(high71, c7), z3h)
  const o1l = i32x4.add(i32x4.dot_i16x8_s(low71, c1), z4l)
  const o1h = i32x4.add(i32x4.dot_i16x8_s(high71, c1), z4h)
  const o5l = i32x4.add(i32x4.dot_i16x8_s(low53, c5), z4l)
  const o5h = i32x4.add(i32x4.dot_i16x8_s(high53, c5), z4h)
  const o3l = i32x4.add(i32x4.dot_i16x8_s(low53, c3odd), z3l)
  const o3h = i32x4.add(i32x4.dot_i16x8_s(high53, c3odd), z3h)

  const e0l = i32x4.add(t0l, t3l)
  const e0h = i32x4.add(t0h, t3h)
  const b0 = plus(e0l, e0h, o1l, o1h, shift)
  const b7 = minus(e0l, e0h, o1l, o1h, shift)
  const e1l = i32x4.add(t1l, t2l)
  const e1h = i32x4.add(t1h, t2h)
  const b1 = plus(e1l, e1h, o3l, o3h, shift)
  const b6 = minus(e1l, e1h, o3l, o3h, shift)
  const e2l = i32x4.sub(t1l, t2l)
  const e2h = i32x4.sub(t1h, t2h)
  const b2 = plus(e2l, e2h, o5l, o5h, shift)
  const b5 = minus(e2l, e2h, o5l, o5h, shift)
  const e3l = i32x4.sub(t0l, t3l)
  const e3h = i32x4.sub(t0h, t3h)
  const b3 = plus(e3l, e3h, o7l, o7h, shift)
  const b4 = minus(e3l, e3h, o7l, o7h, shift)

  const p0 = lowPairs(b0, b1)
  const p1 = lowPairs(b2, b3)
  const p2 = lowPairs(b4, b5)
  const p3 = lowPairs(b6, b7)
  const q0 = low32(p0, p1)
  const q1 = low32(p2, p3)
  v128.store(to, low64(q0, q1))
  v128.store(to, high64(q0, q1), 16)
  const q2 = high32(p0, p1)
  const q3 = high32(p2, p3)
  v128.store(to, low64(q2, q3), 32)
  v128.store(to, high64(q2, q3), 48)
  const p4 = highPairs(b0, b1)
  const p5 = highPairs(b2, b3)
  const p6 = highPairs(b4, b5)
  const p7 = highPairs(b6, b7)
  const q4 = low32(p4, p5)
  const q5 = low32(p6, p7)
  v128.store(to, low64(q4, q5), 64)
  v128.store(to, high64(q4, q5), 80)
  const q6 = high32(p4, p5)
  const q7 = high32(p6, p7)
  v128.store(to, low64(q6, q7), 96)
  v128.store(to, high64(q6, q7), 112)
}

// @ts-ignore: decorator
@inline
function row(from: usize, steps: usize, index: usize): v128 {
  const values = v128.load(from + (index << 4))
  return steps === 0 ? values : i16x8.mul(values, v128.load(steps + (index << 4)))
}

// @ts-ignore: decorator
@inline
function plus(al: v128, ah: v128, bl: v128, bh: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(al, bl), shift), i32x4.shr_s(i32x4.add(ah, bh), shift))
}

// @ts-ignore: decorator
@inline
function minus(al: v128, ah: v128, bl: v128, bh: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.sub(al, bl), shift), i32x4.shr_s(i32x4.sub(ah, bh), shift))
}

// @ts-ignore: decorator
@inline
function low32(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5)
}

// @ts-ignore: decorator
@inline
function high32(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7)
}

// @ts-ignore: decorator
@inline
function low64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2)
}

// @ts-ignore: decorator
@inline
function high64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3)
}
