/**
 * Looks digests up: in hexadecimal digits of either case, or as bytes.
 */
import { isEmpty, MD5, mayHold, SHA1, SHA256 } from "./filter"
import { mayHoldMore } from "./plain-text"

/**
 * Lengths of texts that may state a digest in another way, as base64 or with its algorithm before it: they are asked
 * again. The longest has 128 characters, each of at most three bytes: white space around a digest may be of several.
 */
const LEAST_SPELLED: u32 = 22
const MOST_SPELLED: u32 = 128 * 3

/** Whether a text may be a listed digest, or may hold more than words. */
// @ts-ignore: decorator
@inline
export function mayBeListedText(at: usize, length: u32): bool {
  if (length === 64) {
    if (areDigits(at) && areDigits(at + 16) && areDigits(at + 32) && areDigits(at + 48)) return mayBeListed(at, SHA256)
  } else if (length === 40) {
    if (areDigits(at) && areDigits(at + 16) && areDigits(at + 24)) return mayBeListed(at, SHA1)
  } else if (length === 32) {
    if (areDigits(at) && areDigits(at + 16)) return mayBeListed(at, MD5) || (isBase32(at) && isBase32(at + 16))
  }
  return (length >= LEAST_SPELLED && length <= MOST_SPELLED) || mayHoldMore(at, length)
}

/**
 * Whether bytes may be a listed digest, or are not one of a length that their column has. `lengths`: one bit for each of
 * 16, 20, 32 and 64 bytes, which is that of SHA-512, which no list has.
 */
// @ts-ignore: decorator
@inline
export function mayBeListedBytes(at: usize, length: u32, lengths: u32): bool {
  const place: u32 = length === 16 ? 0 : length === 20 ? 1 : length === 32 ? 2 : length === 64 ? 3 : NONE
  // Short bytes are a number.
  if (place === NONE || ((lengths >>> place) & 1) === 0) return length > 16
  if (place === 3 || isEmpty(place)) return false
  // The numbers of the types are those of the lengths.
  return mayHold(place, bswap(load<u32>(at)), bswap(load<u32>(at, 4)))
}

const NONE: u32 = 4

// @ts-ignore: decorator
@inline
function mayBeListed(at: usize, type: u32): bool {
  if (isEmpty(type)) return false
  const values = valuesOf(v128.load(at))
  // Pairs of digits to bytes, in the order of the text.
  const pairs = v128.or(v128.and(i16x8.shl(values, 4), i16x8.splat(0x00f0)), i16x8.shr_u(values, 8))
  const prefix = i64x2.extract_lane(i8x16.narrow_i16x8_u(pairs, pairs), 0)
  return mayHold(type, bswap(<u32>prefix), bswap(<u32>(prefix >>> 32)))
}

// @ts-ignore: decorator
@inline
function areDigits(at: usize): bool {
  const text = v128.load(at)
  const isDecimal = i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(10))
  const isLetter = i8x16.lt_u(i8x16.sub(v128.or(text, i8x16.splat(0x20)), i8x16.splat(0x61)), i8x16.splat(6))
  return i8x16.all_true(v128.or(isDecimal, isLetter))
}

/** Whether hexadecimal digits are letters of base32 too, in which as many state a SHA-1: none of 0, 1, 8 and 9. */
// @ts-ignore: decorator
@inline
function isBase32(at: usize): bool {
  const text = v128.load(at)
  const isEight = i8x16.eq(v128.and(text, i8x16.splat(<i8>0xfe)), i8x16.splat(0x38))
  return !v128.any_true(v128.or(isEight, i8x16.lt_u(text, i8x16.splat(0x32))))
}

/** Values of hexadecimal digits. */
// @ts-ignore: decorator
@inline
function valuesOf(text: v128): v128 {
  const isLetter = i8x16.gt_u(text, i8x16.splat(0x39))
  return i8x16.add(v128.and(text, i8x16.splat(0x0f)), v128.and(isLetter, i8x16.splat(9)))
}
