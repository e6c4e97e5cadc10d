/**
 * MD5 of four messages at once, one in each lane of a vector.
 *
 * Source: RFC 1321, section 3. A message is at the start of its slot; `digest` pads it in place, after its last byte.
 */

const BLOCK: u32 = 64
/** Most bytes of padding. */
const PADDING: u32 = 72
/** Address of the first slot, after the sixteen transposed words of a block and the digests. */
const FIRST_SLOT: u32 = 1024
const DIGESTS: usize = 256

let slotBytes: u32 = 0

/** Reserves memory, once. Returns the distance between slots, or 0 without enough memory. */
export function reserve(count: u32, messageBytes: u32): u32 {
  slotBytes = (messageBytes + PADDING + BLOCK - 1) & ~(BLOCK - 1)
  const pages = <i32>((FIRST_SLOT + count * slotBytes + 0xffff) >>> 16)
  const more = pages - memory.size()
  return more > 0 && memory.grow(more) < 0 ? 0 : slotBytes
}

/** Address of a slot. */
export function slotAt(slot: u32): usize {
  return FIRST_SLOT + slot * slotBytes
}

/** Address of the digest of a lane, 16 bytes. */
export function digestAt(lane: u32): usize {
  return DIGESTS + (lane << 4)
}

/** Pads a message. Returns its number of blocks. */
function pad(at: usize, length: u32): i32 {
  const blocks = (length + 9 + BLOCK - 1) / BLOCK
  const end = blocks * BLOCK
  memory.fill(at + length, 0, end - length)
  store<u8>(at + length, 0x80)
  store<u64>(at + end - 8, (<u64>length) << 3)
  return <i32>blocks
}

// @ts-ignore: decorator
@inline
function word(index: usize): v128 {
  return v128.load(index << 4)
}

// @ts-ignore: decorator
@inline
function turned(sum: v128, b: v128, bits: i32): v128 {
  return i32x4.add(b, v128.or(i32x4.shl(sum, bits), i32x4.shr_u(sum, 32 - bits)))
}

// @ts-ignore: decorator
@inline
function plus(a: v128, index: usize, constant: i32): v128 {
  return i32x4.add(a, i32x4.add(word(index), i32x4.splat(constant)))
}

// @ts-ignore: decorator
@inline
function f(a: v128, b: v128, c: v128, d: v128, index: usize, constant: i32, bits: i32): v128 {
  return turned(i32x4.add(plus(a, index, constant), v128.xor(d, v128.and(b, v128.xor(c, d)))), b, bits)
}

// @ts-ignore: decorator
@inline
function g(a: v128, b: v128, c: v128, d: v128, index: usize, constant: i32, bits: i32): v128 {
  // The two sides of the choice share no bits, so they can be added one after the other.
  const sum = i32x4.add(plus(a, index, constant), v128.andnot(c, d))
  return turned(i32x4.add(sum, v128.and(d, b)), b, bits)
}

// @ts-ignore: decorator
@inline
function h(a: v128, b: v128, c: v128, d: v128, index: usize, constant: i32, bits: i32): v128 {
  return turned(i32x4.add(plus(a, index, constant), v128.xor(b, v128.xor(c, d))), b, bits)
}

// @ts-ignore: decorator
@inline
function i(a: v128, b: v128, c: v128, d: v128, index: usize, constant: i32, bits: i32): v128 {
  return turned(i32x4.add(plus(a, index, constant), v128.xor(c, v128.or(b, v128.not(d)))), b, bits)
}

/** Writes four words of each message as four vectors of one word each. */
// @ts-ignore: decorator
@inline
function transpose(to: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const m0 = v128.load(p0)
  const m1 = v128.load(p1)
  const m2 = v128.load(p2)
  const m3 = v128.load(p3)
  const low01 = v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)
  const high01 = v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)
  const low23 = v128.shuffle<i32>(m2, m3, 0, 4, 1, 5)
  const high23 = v128.shuffle<i32>(m2, m3, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2))
  v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 16)
  v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 32)
  v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 48)
}

/** Digests the messages in four slots. Lengths are in bytes; an unused lane has length 0. */
export function digest(
  slot0: u32,
  slot1: u32,
  slot2: u32,
  slot3: u32,
  length0: u32,
  length1: u32,
  length2: u32,
  length3: u32,
): void {
  let p0 = slotAt(slot0)
  let p1 = slotAt(slot1)
  let p2 = slotAt(slot2)
  let p3 = slotAt(slot3)
  const blocks0 = pad(p0, length0)
  const blocks1 = pad(p1, length1)
  const blocks2 = pad(p2, length2)
  const blocks3 = pad(p3, length3)
  const all = max(max(blocks0, blocks1), max(blocks2, blocks3))
  const counts = i32x4(blocks0, blocks1, blocks2, blocks3)
  let a0 = i32x4.splat(0x67452301)
  let b0 = i32x4.splat(0xefcdab89)
  let c0 = i32x4.splat(0x98badcfe)
  let d0 = i32x4.splat(0x10325476)
  for (let block = 0; block < all; block++) {
    for (let part: usize = 0; part < BLOCK; part += 16) transpose(part << 2, p0 + part, p1 + part, p2 + part, p3 + part)
    let a = a0
    let b = b0
    let c = c0
    let d = d0
    a = f(a, b, c, d, 0, 0xd76aa478, 7)
    d = f(d, a, b, c, 1, 0xe8c7b756, 12)
    c = f(c, d, a, b, 2, 0x242070db, 17)
    b = f(b, c, d, a, 3, 0xc1bdceee, 22)
    a = f(a, b, c, d, 4, 0xf57c0faf, 7)
    d = f(d, a, b, c, 5, 0x4787c62a, 12)
    c = f(c, d, a, b, 6, 0xa8304613, 17)
    b = f(b, c, d, a, 7, 0xfd469501, 22)
    a = f(a, b, c, d, 8, 0x698098d8, 7)
    d = f(d, a, b, c, 9, 0x8b44f7af, 12)
    c = f(c, d, a, b, 10, 0xffff5bb1, 17)
    b = f(b, c, d, a, 11, 0x895cd7be, 22)
    a = f(a, b, c, d, 12, 0x6b901122, 7)
    d = f(d, a, b, c, 13, 0xfd987193, 12)
    c = f(c, d, a, b, 14, 0xa679438e, 17)
    b = f(b, c, d, a, 15, 0x49b40821, 22)
    a = g(a, b, c, d, 1, 0xf61e2562, 5)
    d = g(d, a, b, c, 6, 0xc040b340, 9)
    c = g(c, d, a, b, 11, 0x265e5a51, 14)
    b = g(b, c, d, a, 0, 0xe9b6c7aa, 20)
    a = g(a, b, c, d, 5, 0xd62f105d, 5)
    d = g(d, a, b, c, 10, 0x02441453, 9)
    c = g(c, d, a, b, 15, 0xd8a1e681, 14)
    b = g(b, c, d, a, 4, 0xe7d3fbc8, 20)
    a = g(a, b, c, d, 9, 0x21e1cde6, 5)
    d = g(d, a, b, c, 14, 0xc33707d6, 9)
    c = g(c, d, a, b, 3, 0xf4d50d87, 14)
    b = g(b, c, d, a, 8, 0x455a14ed, 20)
    a = g(a, b, c, d, 13, 0xa9e3e905, 5)
    d = g(d, a, b, c, 2, 0xfcefa3f8, 9)
    c = g(c, d, a, b, 7, 0x676f02d9, 14)
    b = g(b, c, d, a, 12, 0x8d2a4c8a, 20)
    a = h(a, b, c, d, 5, 0xfffa3942, 4)
    d = h(d, a, b, c, 8, 0x8771f681, 11)
    c = h(c, d, a, b, 11, 0x6d9d6122, 16)
    b = h(b, c, d, a, 14, 0xfde5380c, 23)
    a = h(a, b, c, d, 1, 0xa4beea44, 4)
    d = h(d, a, b, c, 4, 0x4bdecfa9, 11)
    c = h(c, d, a, b, 7, 0xf6bb4b60, 16)
    b = h(b, c, d, a, 10, 0xbebfbc70, 23)
    a = h(a, b, c, d, 13, 0x289b7ec6, 4)
    d = h(d, a, b, c, 0, 0xeaa127fa, 11)
    c = h(c, d, a, b, 3, 0xd4ef3085, 16)
    b = h(b, c, d, a, 6, 0x04881d05, 23)
    a = h(a, b, c, d, 9, 0xd9d4d039, 4)
    d = h(d, a, b, c, 12, 0xe6db99e5, 11)
    c = h(c, d, a, b, 15, 0x1fa27cf8, 16)
    b = h(b, c, d, a, 2, 0xc4ac5665, 23)
    a = i(a, b, c, d, 0, 0xf4292244, 6)
    d = i(d, a, b, c, 7, 0x432aff97, 10)
    c = i(c, d, a, b, 14, 0xab9423a7, 15)
    b = i(b, c, d, a, 5, 0xfc93a039, 21)
    a = i(a, b, c, d, 12, 0x655b59c3, 6)
    d = i(d, a, b, c, 3, 0x8f0ccc92, 10)
    c = i(c, d, a, b, 10, 0xffeff47d, 15)
    b = i(b, c, d, a, 1, 0x85845dd1, 21)
    a = i(a, b, c, d, 8, 0x6fa87e4f, 6)
    d = i(d, a, b, c, 15, 0xfe2ce6e0, 10)
    c = i(c, d, a, b, 6, 0xa3014314, 15)
    b = i(b, c, d, a, 13, 0x4e0811a1, 21)
    a = i(a, b, c, d, 4, 0xf7537e82, 6)
    d = i(d, a, b, c, 11, 0xbd3af235, 10)
    c = i(c, d, a, b, 2, 0x2ad7d2bb, 15)
    b = i(b, c, d, a, 9, 0xeb86d391, 21)
    // A finished message keeps its state and its last block.
    const mask = i32x4.gt_s(counts, i32x4.splat(block))
    a0 = v128.bitselect(i32x4.add(a0, a), a0, mask)
    b0 = v128.bitselect(i32x4.add(b0, b), b0, mask)
    c0 = v128.bitselect(i32x4.add(c0, c), c0, mask)
    d0 = v128.bitselect(i32x4.add(d0, d), d0, mask)
    const next = block + 1
    if (next < blocks0) p0 += BLOCK
    if (next < blocks1) p1 += BLOCK
    if (next < blocks2) p2 += BLOCK
    if (next < blocks3) p3 += BLOCK
  }
  v128.store(0, a0)
  v128.store(0, b0, 16)
  v128.store(0, c0, 32)
  v128.store(0, d0, 48)
  transpose(DIGESTS, 0, 16, 32, 48)
}
