/**
 * Rows of samples at the picture's size, from those of colours sampled less often: between two samples, three parts of
 * the nearer and one of the other, rounded down and up in turn, as libjpeg's triangle filter does.
 */
import { ACROSS, componentAt, DOWN, mostAcross, mostDown, PLANE, PLANE_STRIDE } from "../frame"
import { enlargedAt, samplesAcross, samplesDown, sums } from "./canvas"

/** Address of a row of the picture's size of a component; of the last row asked for only. */
export function enlargedRow(index: u32, y: u32): usize {
  const component = componentAt(index)
  const across = mostAcross / load<u32>(component + ACROSS)
  const down = mostDown / load<u32>(component + DOWN)
  const plane = <usize>load<u32>(component + PLANE)
  const stride = <usize>load<u32>(component + PLANE_STRIDE)
  const near = plane + <usize>(y / down) * stride
  if (across === 1 && down === 1) return near
  const to = enlargedAt(index)
  const columns = samplesAcross(component)
  // libjpeg repeats the samples of pictures this narrow, and of those sampled a quarter as often.
  if (across === 4 || (across === 2 && columns <= 2)) {
    repeat(near, to, columns, across)
    return to
  }
  if (down === 1) {
    widen(near, columns)
    between(to, columns, 2, 1, 2)
    return to
  }
  const last = samplesDown(component) - 1
  const row = y >> 1
  const other = (y & 1) === 0 ? (row === 0 ? 0 : row - 1) : min(row + 1, last)
  const far = plane + <usize>other * stride
  if (across === 1) {
    blend(near, far, to, columns, (y & 1) === 0 ? 1 : 2)
    return to
  }
  add(near, far, columns)
  between(to, columns, 4, 8, 7)
  return to
}

function repeat(from: usize, to: usize, columns: u32, times: u32): void {
  for (let i: u32 = 0; i < columns; i++) {
    const sample = load<u8>(from + <usize>i)
    for (let j: u32 = 0; j < times; j++) store<u8>(to + <usize>(i * times + j), sample)
  }
}

/** Three parts of the nearer row and one of the other, at the picture's width. */
function blend(near: usize, far: usize, to: usize, columns: u32, half: i16): void {
  const round = i16x8.splat(half)
  for (let i: usize = 0; i < <usize>columns; i += 8) {
    const sum = i16x8.add(threeAndOne(v128.load64_zero(near + i), v128.load64_zero(far + i)), round)
    const samples = i16x8.shr_u(sum, 2)
    v128.store64_lane(to + i, i8x16.narrow_i16x8_u(samples, samples), 0)
  }
}

/** Writes a row of 16 bits a sample to `sums`, with its first and last repeated outside it. */
function widen(from: usize, columns: u32): void {
  for (let i: usize = 0; i < <usize>columns; i += 8) {
    v128.store(sums + 16 + (i << 1), i16x8.extend_low_i8x16_u(v128.load64_zero(from + i)))
  }
  repeatEnds(columns)
}

/** The same, of three parts of the nearer row and one of the other. */
function add(near: usize, far: usize, columns: u32): void {
  for (let i: usize = 0; i < <usize>columns; i += 8) {
    v128.store(sums + 16 + (i << 1), threeAndOne(v128.load64_zero(near + i), v128.load64_zero(far + i)))
  }
  repeatEnds(columns)
}

// @ts-ignore: decorator
@inline
function threeAndOne(near: v128, far: v128): v128 {
  const wide = i16x8.extend_low_i8x16_u(near)
  return i16x8.add(i16x8.add(wide, i16x8.shl(wide, 1)), i16x8.extend_low_i8x16_u(far))
}

function repeatEnds(columns: u32): void {
  const first = sums + 16
  const after = first + (<usize>columns << 1)
  store<u16>(first - 2, load<u16>(first))
  store<u16>(after, load<u16>(after - 2))
}

/** Writes two samples for each of `sums`, the left one nearer to the sum before it, the right one to that after it. */
function between(to: usize, columns: u32, shift: i32, leftHalf: i16, rightHalf: i16): void {
  const roundLeft = i16x8.splat(leftHalf)
  const roundRight = i16x8.splat(rightHalf)
  for (let i: usize = 0; i < <usize>columns; i += 8) {
    const at = sums + 16 + (i << 1)
    const own = v128.load(at)
    const three = i16x8.add(own, i16x8.shl(own, 1))
    const left = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at - 2)), roundLeft), shift)
    const right = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at + 2)), roundRight), shift)
    v128.store(to + (i << 1), v128.or(left, i16x8.shl(right, 8)))
  }
}
