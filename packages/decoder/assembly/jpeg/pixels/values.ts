/**
 * The look-up that gives a short symbol together with the coefficient's value behind it.
 *
 * An entry, from its lowest bits: bits of the symbol and the value (8), distance from the coefficient before (8), the
 * value (16, signed), which is 0 where the symbol ends the block. 0 where both have more bits than the look-up.
 */

/** Number of bits in the look-up. */
export const VALUE_BITS: u32 = 12
/** Bytes of a look-up. */
export const VALUE_BYTES: usize = 4 << VALUE_BITS

/** Builds the look-up of a table from its sixteen counts and their symbols. */
export function makeValues(to: usize, definition: usize): void {
  memory.fill(to, 0, VALUE_BYTES)
  let code: u32 = 0
  let at = definition + 16
  for (let length: u32 = 1; length <= VALUE_BITS; length++, code <<= 1) {
    const count: u32 = load<u8>(definition + length - 1)
    for (let i: u32 = 0; i < count; i++, code++, at++) {
      const symbol: u32 = load<u8>(at)
      const size = symbol & 15
      // Sixteen zero coefficients have no value; they are rare. No coefficient has more than ten bits.
      if ((size === 0 && symbol !== 0) || size > 10 || length + size > VALUE_BITS) continue
      const left = VALUE_BITS - length - size
      for (let bits: u32 = 0; bits < <u32>1 << size; bits++) {
        const entry = (valueOf(bits, size) << 16) | <i32>(((symbol >> 4) + 1) << 8) | <i32>(length + size)
        repeat(to + (<usize>(((code << size) | bits) << left) << 2), <usize>1 << left, entry)
      }
    }
  }
}

/** The value of a coefficient's bits: without a leading one they mean a negative number (F.1.2.1.1, table F.1). */
// @ts-ignore: decorator
@inline
export function valueOf(bits: u32, size: u32): i32 {
  return bits < ((<u32>1 << size) >> 1) ? <i32>bits - (1 << size) + 1 : <i32>bits
}

function repeat(to: usize, times: usize, entry: i32): void {
  const four = i32x4.splat(entry)
  let i: usize = 0
  for (; i + 4 <= times; i += 4) v128.store(to + (i << 2), four)
  for (; i < times; i++) store<i32>(to + (i << 2), entry)
}
