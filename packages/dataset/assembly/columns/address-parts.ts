/**
 * Characters of addresses: where each stays as it is.
 */

const DOT: u32 = 0x2e
const DASH: u32 = 0x2d
const SLASH: u32 = 0x2f
const QUESTION: u32 = 0x3f
const HASH: u32 = 0x23

export const IN_HOST: u8 = 1
export const IN_PATH: u8 = 2
export const IN_QUERY: u8 = 4
export const UNRESERVED: u8 = 8

const classes = memory.data(256, 64)
const ALL: u8 = 15
mark("abcdefghijklmnopqrstuvwxyz0123456789-.", ALL)
mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ_~", IN_PATH | IN_QUERY | UNRESERVED)
mark("!$&()*+,/:;=@", IN_PATH | IN_QUERY)
mark("?", IN_QUERY)

function mark(characters: string, as: u8): void {
  for (let index = 0; index < characters.length; index++) store<u8>(classes + characters.charCodeAt(index), as)
}

/** Whether a character stays as it is in one of the parts named. */
// @ts-ignore: decorator
@inline
export function isIn(character: u32, parts: u8): bool {
  return (load<u8>(classes + character) & parts) !== 0
}

/** Characters of a path, and of a query, by the lower and by the upper four bits: one bit for each row of ASCII. */
const inPath = memory.data(32, 16)
const inQuery = memory.data(32, 16)
for (let character: u32 = 0; character < 128; character++) {
  if (isIn(character, IN_PATH)) addTo(inPath, character)
  if (isIn(character, IN_QUERY)) addTo(inQuery, character)
}

function addTo(table: usize, character: u32): void {
  const row: u8 = 1 << <u8>(character >>> 4)
  store<u8>(table + (character & 15), load<u8>(table + (character & 15)) | row)
  store<u8>(table + 16 + (character >>> 4), row)
}

/** One bit for each of sixteen characters that a table does not have. */
// @ts-ignore: decorator
@inline
function unlike(table: usize, text: v128): v128 {
  const rows = v128.and(
    i8x16.swizzle(v128.load(table), v128.and(text, i8x16.splat(0x0f))),
    i8x16.swizzle(v128.load(table + 16), i8x16.shr_u(text, 4)),
  )
  return i8x16.eq(rows, i8x16.splat(0))
}

/** Where a path ends that has no escape, and no segment that begins with a dot. */
export function plainPathEnd(start: usize, end: usize): usize {
  for (let at = start; at < end; at += 16) {
    const text = v128.load(at)
    const isDotSegment = v128.and(
      i8x16.eq(v128.load(at - 1), i8x16.splat(<i8>SLASH)),
      i8x16.eq(text, i8x16.splat(<i8>DOT)),
    )
    const odd = i8x16.bitmask(v128.or(unlike(inPath, text), isDotSegment))
    if (odd !== 0) return min(end, at + ctz(odd))
  }
  return end
}

/** Whether a query has no escape or fragment. */
export function isPlainQuery(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const odd = i8x16.bitmask(unlike(inQuery, v128.load(at)))
    if (odd !== 0) return at + ctz(odd) >= end
  }
  return true
}

/** Characters of a host: letters, digits, dashes and dots, by the lower and by the upper four bits. */
const inHost = memory.data(32, 16)
const DASH_BIT: u8 = 8
const DOT_BIT: u8 = 16
for (let character: u32 = 0x30; character < 0x3a; character++) addAs(inHost, 1, character)
for (let character: u32 = 0x61; character < 0x70; character++) addAs(inHost, 2, character)
for (let character: u32 = 0x70; character < 0x7b; character++) addAs(inHost, 4, character)
addAs(inHost, DASH_BIT, DASH)
addAs(inHost, DOT_BIT, DOT)

function addAs(table: usize, as: u8, character: u32): void {
  store<u8>(table + (character & 15), load<u8>(table + (character & 15)) | as)
  store<u8>(table + 16 + (character >>> 4), load<u8>(table + 16 + (character >>> 4)) | as)
}

/** Lower four bits of each byte. Loaded, not stated, so that it stays in a register. */
const nibbles = memory.data(16, 16)
memory.fill(nibbles, 0x0f, 16)

/** The dots of the host that was measured last, one bit for each character. */
let dots: u64 = 0

/** The dots of the host that {@link hostLength} measured. */
// @ts-ignore: decorator
@inline
export function hostDots(): u64 {
  return dots
}

/** Length of a host of plain labels, the last of which begins with a letter; 0 for any other, and for a long one. */
// @ts-ignore: decorator
@inline
export function hostLength(start: usize, end: usize): u32 {
  const nibble = v128.load(nibbles)
  const lower = v128.load(inHost)
  const upper = v128.load(inHost, 16)
  const one = hostClasses(v128.load(start), nibble, lower, upper)
  const two = hostClasses(v128.load(start, 16), nibble, lower, upper)
  const none = i8x16.splat(0)
  let odd: u64 = i8x16.bitmask(i8x16.eq(one, none)) | (i8x16.bitmask(i8x16.eq(two, none)) << 16)
  // The bits of dots and of dashes, moved to where the mask is taken.
  let isDot: u64 = <u32>(i8x16.bitmask(i16x8.shl(one, 3)) | (i8x16.bitmask(i16x8.shl(two, 3)) << 16))
  let isDash: u64 = <u32>(i8x16.bitmask(i16x8.shl(one, 4)) | (i8x16.bitmask(i16x8.shl(two, 4)) << 16))
  odd &= 0xffffffff
  if (odd === 0) {
    const three = hostClasses(v128.load(start, 32), nibble, lower, upper)
    const four = hostClasses(v128.load(start, 48), nibble, lower, upper)
    odd = <u64>(<u32>(i8x16.bitmask(i8x16.eq(three, none)) | (i8x16.bitmask(i8x16.eq(four, none)) << 16))) << 32
    isDot |= <u64>(<u32>(i8x16.bitmask(i16x8.shl(three, 3)) | (i8x16.bitmask(i16x8.shl(four, 3)) << 16))) << 32
    isDash |= <u64>(<u32>(i8x16.bitmask(i16x8.shl(three, 4)) | (i8x16.bitmask(i16x8.shl(four, 4)) << 16))) << 32
    if (odd === 0) return 0
  }
  const left = <u32>(end - start)
  const length = min<u32>(<u32>ctz(odd), left)
  if (length === 0) return 0
  if (length < left) {
    const next: u32 = load<u8>(start + length)
    if (next !== SLASH && next !== QUESTION && next !== HASH) return 0
  }
  const inside = (<u64>1 << length) - 1
  isDot &= inside
  isDash &= inside
  // Empty labels, and what may be punycode.
  if (((isDot & (isDot << 1)) | (isDash & (isDash << 1)) | (isDot & 1) | (isDot >>> (length - 1))) !== 0) return 0
  dots = isDot
  const first: u32 = load<u8>(start + <usize>(64 - clz(isDot)))
  return first - 0x61 < 26 ? length : 0
}

// @ts-ignore: decorator
@inline
function hostClasses(text: v128, nibble: v128, lower: v128, upper: v128): v128 {
  return v128.and(
    i8x16.relaxed_swizzle(lower, v128.and(text, nibble)),
    i8x16.relaxed_swizzle(upper, v128.and(i16x8.shr_u(text, 4), nibble)),
  )
}
