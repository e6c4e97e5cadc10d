/**
 * From bytes to luma, in float32: 0.299 R + 0.587 G + 0.114 B from left to right, or the grey value itself.
 *
 * The lanes of a vector hold 32 bits of four rows. A byte that is not the lowest of its lane is masked where it
 * stands and weighed by its weight over 2^8 or 2^16: the product is the same, bit for bit, without a shift.
 */

/** Kept in memory, since a constant written inside a loop is built anew on each turn. */
const CONSTANTS: usize = memory.data<u32>(
  [
    // 0.299, and that divided by 2^8 and 2^16
    0x3e991687, 0x3e991687, 0x3e991687, 0x3e991687,
    0x3a991687, 0x3a991687, 0x3a991687, 0x3a991687,
    0x36991687, 0x36991687, 0x36991687, 0x36991687,
    // 0.587, and that divided by 2^8 and 2^16
    0x3f1645a2, 0x3f1645a2, 0x3f1645a2, 0x3f1645a2,
    0x3b1645a2, 0x3b1645a2, 0x3b1645a2, 0x3b1645a2,
    0x371645a2, 0x371645a2, 0x371645a2, 0x371645a2,
    // 0.114, and that divided by 2^8 and 2^16
    0x3de978d5, 0x3de978d5, 0x3de978d5, 0x3de978d5,
    0x39e978d5, 0x39e978d5, 0x39e978d5, 0x39e978d5,
    0x35e978d5, 0x35e978d5, 0x35e978d5, 0x35e978d5,
    // 1, and that divided by 2^8 and 2^16
    0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000,
    0x3b800000, 0x3b800000, 0x3b800000, 0x3b800000,
    0x37800000, 0x37800000, 0x37800000, 0x37800000,
    // Masks of the three lower bytes
    0xff, 0xff, 0xff, 0xff,
    0xff00, 0xff00, 0xff00, 0xff00,
    0xff0000, 0xff0000, 0xff0000, 0xff0000,
  ],
  16,
)

/** Where the weights of a colour begin. */
export const RED: usize = 0
export const GREEN: usize = 48
export const BLUE: usize = 96
const GREY: usize = 144
const MASKS: usize = 192

/** Mask of the lowest, second or third byte of each lane. A loop loads the three once and hands them down. */
@inline
export function maskOf(byte: usize): v128 {
  return v128.load(CONSTANTS + MASKS + byte * 16)
}

/** One byte of each lane times the weight of its colour. `mask` is that of the byte; the highest needs none. */
@inline
export function weigh(lanes: v128, byte: i32, colour: usize, mask: v128): v128 {
  const values = byte == 3 ? i32x4.shr_u(lanes, 24) : v128.and(lanes, mask)
  const weights = v128.load(CONSTANTS + colour + (byte == 3 ? 0 : <usize>byte * 16))
  return f32x4.mul(f32x4.convert_i32x4_s(values), weights)
}

/** Luma of a pixel that lies in the three lower bytes of each lane. */
@inline
export function lumaOfLanes(lanes: v128, mask0: v128, mask1: v128, mask2: v128): v128 {
  return sumOf(weigh(lanes, 0, RED, mask0), weigh(lanes, 1, GREEN, mask1), weigh(lanes, 2, BLUE, mask2))
}

/** Grey value that lies in the given byte of each lane. */
@inline
export function greyOf(lanes: v128, byte: i32, mask: v128): v128 {
  if (byte == 0) return f32x4.convert_i32x4_s(v128.and(lanes, mask))
  if (byte == 3) return f32x4.convert_i32x4_s(i32x4.shr_u(lanes, 24))
  return weigh(lanes, byte, GREY, mask)
}

@inline
export function sumOf(red: v128, green: v128, blue: v128): v128 {
  return f32x4.add(f32x4.add(red, green), blue)
}

/** Luma of one pixel. */
@inline
export function lumaOf(at: usize, channels: i32): f32 {
  const first = <f32>load<u8>(at)
  if (channels == 1) return first
  return <f32>0.299 * first + <f32>0.587 * <f32>load<u8>(at, 1) + <f32>0.114 * <f32>load<u8>(at, 2)
}
