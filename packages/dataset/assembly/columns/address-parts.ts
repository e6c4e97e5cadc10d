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

/** Longer hosts are not looked at. */
const HOST_BYTES: u32 = 64

/** The dots of the host that was measured last, one bit for each character. */
let dots: u64 = 0

/** The dots of the host that {@link hostLength} measured. */
export function hostDots(): u64 {
  return dots
}

/** Length of a host of plain labels, the last of which begins with a letter; 0 for any other, and for a long one. */
export function hostLength(start: usize, end: usize): u32 {
  let odd: u64 = 0
  let dashes: u64 = 0
  dots = 0
  for (let offset: u32 = 0; offset < HOST_BYTES && odd === 0; offset += 16) {
    const text = v128.load(start + offset)
    const isDot = i8x16.eq(text, i8x16.splat(<i8>DOT))
    const isDash = i8x16.eq(text, i8x16.splat(<i8>DASH))
    const isLetter = i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x61)), i8x16.splat(26))
    const isDigit = i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(10))
    const isLike = v128.or(v128.or(isDot, isDash), v128.or(isLetter, isDigit))
    odd |= <u64>(~i8x16.bitmask(isLike) & 0xffff) << offset
    dots |= <u64>i8x16.bitmask(isDot) << offset
    dashes |= <u64>i8x16.bitmask(isDash) << offset
  }
  const left = <u64>(end - start)
  const length = min<u64>(odd === 0 ? HOST_BYTES : ctz(odd), left)
  if (length === 0 || length === HOST_BYTES) return 0
  if (length < left) {
    const next: u32 = load<u8>(start + <usize>length)
    if (next !== SLASH && next !== QUESTION && next !== HASH) return 0
  }
  const inside = (<u64>1 << length) - 1
  dots &= inside
  dashes &= inside
  // Empty labels, and what may be punycode.
  if (((dots & (dots << 1)) | (dashes & (dashes << 1)) | (dots & 1) | (dots >>> (length - 1))) !== 0) return 0
  const first: u32 = load<u8>(start + <usize>(64 - clz(dots)))
  return first >= 0x61 && first <= 0x7a ? <u32>length : 0
}
