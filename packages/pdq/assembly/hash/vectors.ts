/** The pieces of a 4x4 transposition: pairs of the first and second two, then halves of the pairs. */

/** (a0, b0, a1, b1) */
@inline
export function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5)
}

/** (a2, b2, a3, b3) */
@inline
export function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7)
}

/** (a0, a1, b0, b1) */
@inline
export function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2)
}

/** (a2, a3, b2, b3) */
@inline
export function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3)
}

/** Stores four vectors 16 bytes apart, and again at `mirror` bytes from there where that is not zero. */
@inline
export function storeRows(at: usize, a: v128, b: v128, c: v128, d: v128, mirror: usize): void {
  v128.store(at, a)
  v128.store(at, b, 16)
  v128.store(at, c, 32)
  v128.store(at, d, 48)
  if (mirror != 0) {
    v128.store(at + mirror, a)
    v128.store(at + mirror, b, 16)
    v128.store(at + mirror, c, 32)
    v128.store(at + mirror, d, 48)
  }
}

/** Stores the rows of four columns of four, as {@link storeRows} does. */
@inline
export function storeFour(
  out: usize,
  column0: v128,
  column1: v128,
  column2: v128,
  column3: v128,
  mirror: usize,
): void {
  const low01 = lowPairs(column0, column1)
  const low23 = lowPairs(column2, column3)
  const high01 = highPairs(column0, column1)
  const high23 = highPairs(column2, column3)
  storeRows(
    out,
    lowHalves(low01, low23),
    highHalves(low01, low23),
    lowHalves(high01, high23),
    highHalves(high01, high23),
    mirror,
  )
}

/** Stores four vectors 32 bytes apart, as {@link storeRows} does. Written out: the distances are part of each store. */
@inline
export function storeColumns(at: usize, a: v128, b: v128, c: v128, d: v128, mirror: usize): void {
  v128.store(at, a)
  v128.store(at, b, 32)
  v128.store(at, c, 64)
  v128.store(at, d, 96)
  if (mirror != 0) {
    v128.store(at + mirror, a)
    v128.store(at + mirror, b, 32)
    v128.store(at + mirror, c, 64)
    v128.store(at + mirror, d, 96)
  }
}
