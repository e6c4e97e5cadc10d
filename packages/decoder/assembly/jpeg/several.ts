/**
 * The look-up that consumes several short symbols of a block at once. Encoders write new tables for every picture, so
 * it must be built quickly: n bits contain a first symbol, and the content of the remaining bits is already known.
 */
import { LEVELS } from "./memory"

/** Number of bits in the look-up. */
export const SEVERAL_BITS: u32 = 13
/** Bytes of a look-up. For each value of the bits: bits consumed (4), coefficients skipped (11), and {@link ENDS}. */
export const SEVERAL_BYTES: usize = 2 << SEVERAL_BITS
/** Flag of an entry: the last symbol ends the block. */
export const ENDS: u32 = 0x8000
/** An empty entry: more coefficients than a block has. */
const UNKNOWN: u16 = 64 << 4

/** Builds the look-up of a table from its sixteen counts and their symbols. */
export function makeSeveral(to: usize, definition: usize): void {
  store<u16>(levelAt(0), 0)
  for (let bits: u32 = 1; bits < SEVERAL_BITS; bits++) {
    memory.fill(levelAt(bits), 0, <usize>2 << bits)
    makeLevel(levelAt(bits), bits, definition)
  }
  repeat(to, levelAt(0), 1, 1 << SEVERAL_BITS, UNKNOWN)
  makeLevel(to, SEVERAL_BITS, definition)
}

/** Builds the level for a number of bits from the levels for fewer bits. */
function levelAt(bits: u32): usize {
  return LEVELS + (<usize>2 << bits)
}

function makeLevel(to: usize, bits: u32, definition: usize): void {
  let code: u32 = 0
  let at = definition + 16
  for (let length: u32 = 1; length <= bits; length++, code <<= 1) {
    const count: u32 = load<u8>(definition + length - 1)
    for (let i: u32 = 0; i < count; i++, code++, at++) {
      const symbol: u32 = load<u8>(at)
      const size = symbol & 15
      const start = to + (<usize>(code << (bits - length)) << 1)
      if (symbol === 0) repeat(start, levelAt(0), 1, 1 << (bits - length), <u16>(length | ENDS))
      if (size > 10 || length + size > bits || (size === 0 && symbol !== 0xf0)) continue
      const left = bits - length - size
      repeat(start, levelAt(left), 1 << left, 1 << size, <u16>((length + size) | (((symbol >> 4) + 1) << 4)))
    }
  }
}

/** Writes copies of entries (a power of two of them), adding a value to each. */
function repeat(to: usize, from: usize, entries: u32, copies: u32, more: u16): void {
  const all = entries * copies
  for (let i: u32 = 0; i < min(all, 8); i++) {
    store<u16>(to + (<usize>i << 1), load<u16>(from + (<usize>(i & (entries - 1)) << 1)) + more)
  }
  const added = i16x8.splat(<i16>more)
  for (let i: u32 = 8; i < all; i += 8) {
    const place = <usize>(i & (entries - 1)) << 1
    const eight = entries < 8 ? v128.load(to) : i16x8.add(v128.load(from + place), added)
    v128.store(to + (<usize>i << 1), eight)
  }
}
