/** Cosine transform, median, bits and orientations of the 64x64 matrix. */
import { countNear } from "./certainty"
import { SMALL } from "./memory"
import { highHalves, highPairs, lowHalves, lowPairs } from "./vectors"

/** 16x64 cosines, row i holding frequency i + 1, and the same turned to 64x16. */
const COSINES: usize = memory.data(16 * 64 * 4, 16)
const COSINES_TURNED: usize = memory.data(64 * 16 * 4, 16)
/** 16x64: the cosines times the small matrix. */
const HALF: usize = memory.data(16 * 64 * 4, 16)
/** 16x16 terms, the same with signs turned, and their sortable keys. */
const TERMS: usize = memory.data(256 * 4, 16)
const SIGNED: usize = memory.data(256 * 4, 16)
const TURNED: usize = memory.data(256 * 4, 16)
const KEYS: usize = memory.data(256 * 4, 16)

/** 32 bytes: the hash, bit 255 first. */
export const HASH: usize = memory.data(32, 16)
/** Eight hashes: as it is, turned by 90, 180 and 270 degrees, flipped top-bottom, left-right, on either diagonal. */
export const DIHEDRAL: usize = memory.data(256, 16)

/** Computes the cosines; called once. */
export function fillCosines(): void {
  const scale: f64 = <f64>(<f32>Math.sqrt(2.0 / 64.0))
  for (let i = 0; i < 16; ++i) {
    for (let j = 0; j < 64; ++j) {
      const cosine = <f32>(scale * Math.cos((Math.PI / 2 / 64.0) * <f64>(i + 1) * <f64>(2 * j + 1)))
      store<f32>(COSINES + (<usize>(i * 64 + j) << 2), cosine)
      store<f32>(COSINES_TURNED + (<usize>(j * 16 + i) << 2), cosine)
    }
  }
}

/** Sixteen by sixteen lowest frequencies of the small matrix. Each term sums its 64 products from the first on. */
export function transform(): void {
  multiply(COSINES, SMALL, HALF, 64)
  multiply(HALF, COSINES_TURNED, TERMS, 16)
}

/** out = a b, a of 16x64, b of 64 rows of `width`; four rows and eight columns at a time. */
@inline
function multiply(a: usize, b: usize, out: usize, width: usize): void {
  const rowBytes = width * 4
  for (let row: usize = 0; row < 16; row += 4) {
    for (let column: usize = 0; column < width; column += 8) {
      let left0 = f32x4.splat(0)
      let left1 = left0
      let left2 = left0
      let left3 = left0
      let right0 = left0
      let right1 = left0
      let right2 = left0
      let right3 = left0
      let factors = a + (row << 8)
      let from = b + (column << 2)
      for (let k = 0; k < 64; ++k) {
        const left = v128.load(from)
        const right = v128.load(from, 16)
        const factor0 = v128.load32_splat(factors)
        const factor1 = v128.load32_splat(factors, 256)
        left0 = f32x4.add(left0, f32x4.mul(factor0, left))
        right0 = f32x4.add(right0, f32x4.mul(factor0, right))
        left1 = f32x4.add(left1, f32x4.mul(factor1, left))
        right1 = f32x4.add(right1, f32x4.mul(factor1, right))
        const factor2 = v128.load32_splat(factors, 512)
        const factor3 = v128.load32_splat(factors, 768)
        left2 = f32x4.add(left2, f32x4.mul(factor2, left))
        right2 = f32x4.add(right2, f32x4.mul(factor2, right))
        left3 = f32x4.add(left3, f32x4.mul(factor3, left))
        right3 = f32x4.add(right3, f32x4.mul(factor3, right))
        factors += 4
        from += rowBytes
      }
      const into = out + row * rowBytes + (column << 2)
      v128.store(into, left0)
      v128.store(into, right0, 16)
      v128.store(into + rowBytes, left1)
      v128.store(into + rowBytes, right1, 16)
      v128.store(into + 2 * rowBytes, left2)
      v128.store(into + 2 * rowBytes, right2, 16)
      v128.store(into + 3 * rowBytes, left3)
      v128.store(into + 3 * rowBytes, right3, 16)
    }
  }
}

/** Lower median of 256 values: the 128th smallest. */
function medianOf(values: usize): f32 {
  for (let at: usize = 0; at < 1024; at += 16) {
    // Integers in the order of the floats: negative ones have all bits but the sign turned.
    const bits = v128.load(values + at)
    v128.store(KEYS + at, v128.xor(bits, i32x4.shr_u(i32x4.shr_s(bits, 31), 1)))
  }
  // Bit by bit, the greatest bound with fewer than 128 keys below it.
  let found: u32 = 0
  for (let bit: u32 = 0x80000000; bit != 0; bit >>= 1) {
    const bound = i32x4.splat(<i32>((found | bit) ^ 0x80000000))
    let below = i32x4.splat(0)
    for (let at: usize = 0; at < 1024; at += 32) {
      below = i32x4.add(below, i32x4.lt_s(v128.load(KEYS + at), bound))
      below = i32x4.add(below, i32x4.lt_s(v128.load(KEYS + at, 16), bound))
    }
    const count =
      i32x4.extract_lane(below, 0) +
      i32x4.extract_lane(below, 1) +
      i32x4.extract_lane(below, 2) +
      i32x4.extract_lane(below, 3)
    if (-count < 128) found |= bit
  }
  const key = <i32>(found ^ 0x80000000)
  return reinterpret<f32>(key ^ <i32>(<u32>(key >> 31) >> 1))
}

/** Writes a hash: bit n is set where value n lies above the median; bit 255 lies in the first byte. */
function writeBits(values: usize, median: f32, hash: usize): void {
  const bound = f32x4.splat(median)
  for (let byte: usize = 0; byte < 32; ++byte) {
    const low = i32x4.bitmask(f32x4.gt(v128.load(values + (byte << 5)), bound))
    const high = i32x4.bitmask(f32x4.gt(v128.load(values + (byte << 5), 16), bound))
    store<u8>(hash + 31 - byte, low | (high << 4))
  }
}

/** Bits of the upright picture, from the terms. */
export function writeHash(): void {
  const median = medianOf(TERMS)
  countNear(TERMS, median)
  writeBits(TERMS, median, HASH)
}

/** Bits of all eight orientations, from the terms: each is the terms with signs turned, or that transposed. */
export function writeDihedral(): void {
  const even = i32x4(i32.MIN_VALUE, 0, i32.MIN_VALUE, 0)
  const odd = i32x4(0, i32.MIN_VALUE, 0, i32.MIN_VALUE)
  const all = i32x4.splat(i32.MIN_VALUE)
  const none = i32x4.splat(0)
  writePair(none, none, DIHEDRAL, DIHEDRAL + 6 * 32)
  writePair(even, even, DIHEDRAL + 5 * 32, DIHEDRAL + 32)
  writePair(odd, even, DIHEDRAL + 2 * 32, DIHEDRAL + 7 * 32)
  writePair(all, none, DIHEDRAL + 4 * 32, DIHEDRAL + 3 * 32)
}

/** Turns the signs given for even and for odd rows, and writes the bits of the result and of its transpose. */
function writePair(evenRows: v128, oddRows: v128, straight: usize, transposed: usize): void {
  for (let row: usize = 0; row < 16; row += 4) {
    for (let column: usize = 0; column < 16; column += 4) {
      const at = (row << 6) + (column << 2)
      const row0 = v128.xor(v128.load(TERMS + at), evenRows)
      const row1 = v128.xor(v128.load(TERMS + at, 64), oddRows)
      const row2 = v128.xor(v128.load(TERMS + at, 128), evenRows)
      const row3 = v128.xor(v128.load(TERMS + at, 192), oddRows)
      v128.store(SIGNED + at, row0)
      v128.store(SIGNED + at, row1, 64)
      v128.store(SIGNED + at, row2, 128)
      v128.store(SIGNED + at, row3, 192)
      const low01 = lowPairs(row0, row1)
      const low23 = lowPairs(row2, row3)
      const high01 = highPairs(row0, row1)
      const high23 = highPairs(row2, row3)
      const into = TURNED + (column << 6) + (row << 2)
      v128.store(into, lowHalves(low01, low23))
      v128.store(into, highHalves(low01, low23), 64)
      v128.store(into, lowHalves(high01, high23), 128)
      v128.store(into, highHalves(high01, high23), 192)
    }
  }
  const median = medianOf(SIGNED)
  countNear(SIGNED, median)
  writeBits(SIGNED, median, straight)
  writeBits(TURNED, median, transposed)
}
