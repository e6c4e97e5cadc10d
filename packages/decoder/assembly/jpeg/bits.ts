/**
 * Bits of entropy-coded data, the next one on top (ITU-T T.81, F.2.2.5). Behind a marker there are zeros.
 */

/** The next bits, from the top. */
let buffer: u64 = 0
/** Bits that stand in the buffer. */
let filled: i32 = 0
/** Zeros among them that no byte of the file gave. */
let missing: i32 = 0
/** Where the next byte to read lies. */
let next: usize = 0

/** Starts at an address. */
export function startBits(at: usize): void {
  buffer = 0
  filled = 0
  missing = 0
  next = at
}

/** Fills the buffer up to at least 32 bits. */
// @ts-ignore: decorator
@inline
export function fill(): void {
  if (filled < 32) fillNow()
}

function fillNow(): void {
  const word = bswap<u32>(load<u32>(next))
  // No byte of the four is 0xFF: none is zero in the complement.
  if ((((~word - 0x01010101) & word) & 0x80808080) === 0) {
    buffer |= (<u64>word) << (32 - filled)
    filled += 32
    next += 4
    return
  }
  while (filled <= 56) {
    const byte = load<u8>(next)
    if (byte !== 0xff) next++
    else if (load<u8>(next + 1) === 0) next += 2
    else {
      missing += 64 - filled
      filled = 64
      return
    }
    buffer |= (<u64>byte) << (56 - filled)
    filled += 8
  }
}

/** The next bits, 1 to 32, without taking them. */
// @ts-ignore: decorator
@inline
export function peek(bits: i32): u32 {
  return <u32>(buffer >> (64 - bits))
}

/** Takes bits, no more than the buffer holds. */
// @ts-ignore: decorator
@inline
export function skip(bits: i32): void {
  buffer <<= bits
  filled -= bits
}

/** Takes 1 to 16 bits of a buffer that holds them. */
// @ts-ignore: decorator
@inline
export function take(bits: i32): u32 {
  const value = peek(bits)
  skip(bits)
  return value
}

/** Where the marker behind the data lies, or 0 where data is missing, or a byte of it is left over. */
export function endOfBits(): usize {
  const left = filled - missing
  return left < 0 || left >= 8 ? 0 : markerAt(next)
}

/** The same, where bytes of zero may stand before the marker: some cameras pad a scan. */
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
