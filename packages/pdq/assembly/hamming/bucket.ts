/**
 * The order of a table's buckets.
 *
 * Turning or mirroring a picture negates every second row or column of the transform, or transposes it, so a half of its
 * hash becomes, but for a few bits, the same half or that of the transposed picture with every even, every odd or every
 * bit inverted. These four keys have adjacent buckets: the look-ups of a picture's eight orientations read the same cache
 * lines four times, where each would wait for memory otherwise.
 */

const EVEN_BITS: u32 = 0x5555
const ODD_BITS: u32 = 0xaaaa

/**
 * The bucket of a key. Keeps the key's two lowest bits, which say what is inverted, and undoes the inversion in the others.
 * Linear: `bucketOf(a ^ b) == (bucketOf(a) ^ bucketOf(b))`.
 */
// @ts-ignore: decorator
@inline
export function bucketOf(key: u32): u32 {
  return key ^ ((0 - (key & 1)) & (EVEN_BITS ^ 1)) ^ ((0 - ((key >> 1) & 1)) & (ODD_BITS ^ 2))
}

/** How the bucket changes when one bit of the key does. */
// @ts-ignore: decorator
@inline
export function bucketChange(bit: u32): u32 {
  return bit == 0 ? EVEN_BITS : bit == 1 ? ODD_BITS : 1 << bit
}
