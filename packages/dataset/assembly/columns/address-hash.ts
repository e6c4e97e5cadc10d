/**
 * The hash of a key of an address: `address-hash.ts` of @nightlight/core, whose words it gives.
 */

// @ts-ignore: decorator
@inline
export const START: u64 = 0x811c9dc52545f491

const STEP: u64 = 0x9e3779b97f4a7c15
const LENGTH_STEP: u64 = 0xc2b2ae3d27d4eb4f
const LAST_STEP: u64 = 0xff51afd7ed558ccd

/** The state after eight more bytes. */
// @ts-ignore: decorator
@inline
export function step(state: u64, word: u64): u64 {
  return rotl((state ^ word) * STEP, 29)
}

/**
 * A key's prefix.
 *
 * @param last The bytes behind the last eight that went into the state, with zeros behind them.
 * @param kind Code of the key's first character, which is not part of the state or of the length.
 */
// @ts-ignore: decorator
@inline
export function prefixOf(state: u64, last: u64, length: u32, kind: u64): u64 {
  return mixDown(mixDown(step(state, last) ^ (((kind << 32) | <u64>length) * LENGTH_STEP)) * LAST_STEP)
}

// @ts-ignore: decorator
@inline
function mixDown(word: u64): u64 {
  return word ^ (word >>> 32)
}
