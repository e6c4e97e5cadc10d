/** Arrangements of 16-bit lanes that are one instruction each on every processor. */

/** The lower four lanes of both, in turn. */
// @ts-ignore: decorator
@inline
export function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

/** The upper four lanes of both, in turn. */
// @ts-ignore: decorator
@inline
export function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Two factors, four times, for the sum of two products. */
// @ts-ignore: decorator
@inline
export function pair(even: i16, odd: i16): v128 {
  return i32x4.splat((<i32>odd << 16) | (<i32>even & 0xffff))
}
