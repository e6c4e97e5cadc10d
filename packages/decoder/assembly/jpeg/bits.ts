/** Bits of entropy-coded data, the next one on top (ITU-T T.81, F.2.2.5). Zeros follow after a marker. */

/** The next bits, from the top. Below the filled bits there may be some of the byte to read next. */
export let buffer: u64 = 0
/** Number of bits in the buffer, at most 63. */
export let filled: i32 = 0
/** Address of the next byte to read. */
export let next: usize = 0
/** Zeros in the buffer that are not from the file. */
let missing: i32 = 0

/** Starts at an address. */
export function startBits(at: usize): void {
  buffer = 0
  filled = 0
  missing = 0
  next = at
}

/**
 * Stores values that a caller worked on in local variables, which are registers, back to the module's variables, which
 * are memory.
 */
// @ts-ignore: decorator
@inline
export function restore(newBuffer: u64, newFilled: i32, newNext: usize): void {
  buffer = newBuffer
  filled = newFilled
  next = newNext
}

/** Eight bytes, the first on top. A vector turns them around in one step; WebAssembly has no instruction for a word. */
// @ts-ignore: decorator
@inline
export function eightFrom(at: usize): u64 {
  const bytes = v128.load64_zero(at)
  return i64x2.extract_lane(v128.shuffle<u8>(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 8, 9, 10, 11, 12, 13, 14, 15), 0)
}

/** Whether one of eight bytes is 0xFF. Only if none is, {@link fillFrom} may read them. */
// @ts-ignore: decorator
@inline
export function hasMark(word: u64): bool {
  // No byte is 0xFF if none is zero in the complement.
  return ((~word - 0x0101010101010101) & word & 0x8080808080808080) !== 0
}

/** Fills the buffer up to at least 32 bits. */
// @ts-ignore: decorator
@inline
export function fill(): void {
  if (filled < 32) fillNow()
}

function fillNow(): void {
  const word = eightFrom(next)
  if (hasMark(word)) return fillBytes()
  buffer |= word >> filled
  next += (63 - filled) >>> 3
  filled |= 56
}

/** Fills the buffer up to at least 56 bits, byte by byte. */
export function fillBytes(): void {
  while (filled < 56) {
    const byte = load<u8>(next)
    if (byte !== 0xff) next++
    else if (load<u8>(next + 1) === 0) next += 2
    else {
      missing += 63 - filled
      filled = 63
      return
    }
    buffer |= (<u64>byte) << (56 - filled)
    filled += 8
  }
}

/** The next bits, 1 to 32, without consuming them. */
// @ts-ignore: decorator
@inline
export function peek(bits: i32): u32 {
  return <u32>(buffer >> (64 - bits))
}

/** Consumes bits, at most those in the buffer. */
// @ts-ignore: decorator
@inline
export function skip(bits: i32): void {
  buffer <<= bits
  filled -= bits
}

/** Consumes 1 to 16 bits that are in the buffer. */
// @ts-ignore: decorator
@inline
export function take(bits: i32): u32 {
  const value = peek(bits)
  skip(bits)
  return value
}

/** Whether more bits were consumed than the data has. */
export function areBitsMissing(): bool {
  return filled < missing
}

/** Address of the marker after the data, or 0 where data is missing or a byte of it is left over. */
export function endOfBits(): usize {
  const left = filled - missing
  return left < 0 || left >= 8 ? 0 : markerAt(next)
}

/** Like {@link endOfBits}, with zero bytes allowed before the marker, because some cameras pad a scan. */
export function endOfPaddedBits(): usize {
  const left = filled - missing
  if (left < 0) return 0
  if (left >= 8 && buffer << (left & 7) !== 0) return 0
  let at = next
  while (load<u8>(at) === 0) at++
  return markerAt(at)
}

function markerAt(start: usize): usize {
  let at = start
  if (load<u8>(at) !== 0xff) return 0
  while (load<u8>(at + 1) === 0xff) at++
  return load<u8>(at + 1) === 0 ? 0 : at
}
