/**
 * The hash of a key of an address: `address-hash.ts` of @nightlight/core, whose words it gives.
 */

// @ts-ignore: decorator
@inline
export const START_ONE: u32 = 0x811c9dc5
// @ts-ignore: decorator
@inline
export const START_TWO: u32 = 0x2545f491

/** The first word after four more bytes. */
// @ts-ignore: decorator
@inline
export function stepOne(one: u32, word: u32): u32 {
  return rotl((one ^ word) * 0xcc9e2d51, 15)
}

/** The second word after four more bytes. */
// @ts-ignore: decorator
@inline
export function stepTwo(two: u32, word: u32): u32 {
  return rotl((two + word) * 0x9e3779b1, 13)
}

/** Upper half of a key's prefix. `kind`: code of the key's first character. */
// @ts-ignore: decorator
@inline
export function prefixUpper(one: u32, two: u32, kind: u32): u32 {
  return mix(one ^ ((two ^ kind) * 0x85ebca6b))
}

/** Lower half of a key's prefix. */
// @ts-ignore: decorator
@inline
export function prefixLower(one: u32, two: u32, kind: u32): u32 {
  return mix(two ^ ((one + kind) * 0xc2b2ae35))
}

// @ts-ignore: decorator
@inline
function mix(word: u32): u32 {
  let mixed = word ^ (word >>> 16)
  mixed *= 0x85ebca6b
  mixed ^= mixed >>> 13
  mixed *= 0xc2b2ae35
  return mixed ^ (mixed >>> 16)
}
