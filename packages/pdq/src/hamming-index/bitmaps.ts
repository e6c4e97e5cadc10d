/**
 * Bitmaps of rows and slots, least significant bit first.
 * @module
 */

/** Bytes of a bitmap of 32-bit words. */
export function bitmapBytes(bits: number): number {
  return Math.ceil(bits / 32) * 4
}

/** Whether a bit is set. */
export function hasBit(bitmap: Uint8Array, index: number): boolean {
  // The bitmap has a byte for every index that the caller uses.
  return ((bitmap[index >>> 3]! >>> (index & 7)) & 1) !== 0
}

/** Sets a bit. */
export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3]! |= 1 << (index & 7)
}

/** Number of set bits. */
export function countBits(bitmap: Uint8Array): number {
  let count = 0
  // Nearly all bytes are zero: an index has a bit for each row, and few are withdrawn.
  for (let i = 0; i < bitmap.length; i++) for (let rest = bitmap[i]!; rest !== 0; rest &= rest - 1) count++
  return count
}

/** Clears every bit from `index` on. */
export function clearFrom(bitmap: Uint8Array, index: number): void {
  const byte = index >>> 3
  if (byte >= bitmap.length) return
  bitmap[byte]! &= (1 << (index & 7)) - 1
  bitmap.fill(0, byte + 1)
}
