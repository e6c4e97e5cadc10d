/**
 * A quick test of a cell's text: whether there can be more to it than words. What it lets pass is asked again, in
 * `plain-text.ts` of the sources, which says why each sign counts.
 */

/** From this length on, a code without a known beginning could be a picture. */
const LEAST_CODE: u32 = 96
const LEAST_LETTERS: u32 = 160
const LEAST_LINE: u32 = 30
const LEAST_ALIKE: u32 = 96
/** Escapes of bytes, and letters that may be bytes written as characters, as they add up to a picture's first bytes. */
const LEAST_SIGNS: u32 = 64
const ESCAPE_SIGNS: i32 = 4
const OTHER_SIGNS: i32 = 8

/** Class of each byte in a code. */
const classes = memory.data(256, 64)

const LETTER: u8 = 1
const BREAK: u8 = 2
const ESCAPE: u8 = 3

mark(classes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-", LETTER)
mark(classes, " \t\x0b\x0c\r\n\"',:", BREAK)
mark(classes, "\\%&=#;{}", ESCAPE)
// Those of other alphabets may be anything.
memory.fill(classes + 0x80, ESCAPE, 0x80)

function mark(table: usize, characters: string, as: u8): void {
  for (let index = 0; index < characters.length; index++) store<u8>(table + characters.charCodeAt(index), as)
}

/**
 * Tables of sixteen groups each: for the character before a part's middle, the middle, the one after it, and for special
 * characters, by the lower and by the upper four bits of the character. A part may be where the six tables of three
 * characters have a group in common.
 */
const groups = memory.data(8 * 16, 16)
/** The same without special characters, where a space stands for tab and line ends too, which are special. */
const spaced = memory.data(6 * 16, 16)
group(0x01, "six ", "vp", "gbm ") // svg, iVBO, xpm
group(0x02, "/0d ", "948", "jef ") // /9j/, 89504e, ffd8ff
group(0x04, "fj", "tf", "yi") // ftyp, JFIF
group(0x08, "ph", "d", "fr") // %pdf, IHDR
group(0x10, "", "b", "iep") // bits, binh, begin, webp
group(0x20, "ure ", "k06", "l4 ") // UklG, R0lG, ;base64,
group(0x40, "4 ", "9", "4 ") // 4749, 5249
group(0x80, "ti", "af", ":8") // data:, GIF8

// What is no printable character of ASCII, and what may begin an escape.
const SPECIAL: usize = 96
for (let character: u32 = 0; character < 256; character++) {
  if (character < 0x20 || character >= 0x80) addTo(groups + SPECIAL, 0x01, character)
}
groupAt(groups + SPECIAL, 0x02, "%")
groupAt(groups + SPECIAL, 0x04, "<=")
groupAt(groups + SPECIAL, 0x08, "\\")
groupAt(groups + SPECIAL, 0x10, "\x7f")

/** Adds a part, whose letters may be of either case; no characters stand for any. */
function group(as: u8, before: string, middle: string, after: string): void {
  for (let tables = groups; tables !== 0; tables = tables === groups ? spaced : 0) {
    groupAt(tables, as, before)
    groupAt(tables + 32, as, middle)
    groupAt(tables + 64, as, after)
  }
}

function groupAt(tables: usize, as: u8, characters: string): void {
  for (let index = 0; index < 256 && characters.length === 0; index++) addTo(tables, as, index)
  for (let index = 0; index < characters.length; index++) {
    const character: u32 = characters.charCodeAt(index)
    addTo(tables, as, character)
    if (character >= 0x61 && character <= 0x7a) addTo(tables, as, character - 0x20)
    if (character !== 0x20 || tables < spaced || tables >= spaced + 96) continue
    addTo(tables, as, 0x09)
    addTo(tables, as, 0x0a)
    addTo(tables, as, 0x0d)
  }
}

function addTo(tables: usize, as: u8, character: u32): void {
  const lower = tables + (character & 15)
  const upper = tables + 16 + (character >>> 4)
  store<u8>(lower, load<u8>(lower) | as)
  store<u8>(upper, load<u8>(upper) | as)
}

/** Lower four bits of each byte. Loaded, not stated, so that it stays in a register. */
const nibbles = memory.data(16, 16)
memory.fill(nibbles, 0x0f, 16)

/** Whether a text may hold more than words. */
// @ts-ignore: decorator
@inline
export function mayHoldMore(start: usize, length: u32): bool {
  const signs = firstSigns(start, start + length)
  if (signs !== 0) return mayHoldMoreFrom(start, signs, start + length)
  return length >= LEAST_CODE && hasCode(start, start + length, false)
}

/** Which of the sixteen bytes from a multiple of sixteen on may be parts or are special; 0 where no byte of a text is. */
function firstSigns(start: usize, end: usize): usize {
  const nibble = v128.load(nibbles)
  const beforeLower = v128.load(groups)
  const beforeUpper = v128.load(groups, 16)
  const middleLower = v128.load(groups, 32)
  const middleUpper = v128.load(groups, 48)
  const afterLower = v128.load(groups, 64)
  const afterUpper = v128.load(groups, 80)
  const specialLower = v128.load(groups, 96)
  const specialUpper = v128.load(groups, 112)
  // Before a text may be anything.
  let before = i8x16.splat(-1)
  let middle = i8x16.splat(0)
  // A part is where the character after its middle is, which may be behind the end.
  for (let at = start; at <= end; at += 16) {
    const text = v128.load(at)
    const lower = v128.and(text, nibble)
    const upper = v128.and(i16x8.shr_u(text, 4), nibble)
    const nextBefore = v128.and(i8x16.relaxed_swizzle(beforeLower, lower), i8x16.relaxed_swizzle(beforeUpper, upper))
    const nextMiddle = v128.and(i8x16.relaxed_swizzle(middleLower, lower), i8x16.relaxed_swizzle(middleUpper, upper))
    const after = v128.and(i8x16.relaxed_swizzle(afterLower, lower), i8x16.relaxed_swizzle(afterUpper, upper))
    const special = v128.and(i8x16.relaxed_swizzle(specialLower, lower), i8x16.relaxed_swizzle(specialUpper, upper))
    const part = v128.and(
      after,
      v128.and(
        i8x16.shuffle(before, nextBefore, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
        i8x16.shuffle(middle, nextMiddle, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
      ),
    )
    before = nextBefore
    middle = nextMiddle
    const plain = i8x16.bitmask(i8x16.eq(v128.or(part, special), i8x16.splat(0)))
    if ((~plain & 0xffff & ((2 << min<i32>(<i32>(end - at), 16)) - 1)) !== 0) return at
  }
  return 0
}

/** The same as {@link mayHoldMore}, for a text without signs before a position, which is a multiple of sixteen from its start. */
function mayHoldMoreFrom(start: usize, from: usize, end: usize): bool {
  let sum: u32 = 0
  let isOther = false
  for (let at = from; at <= end; at += 16) {
    const text = v128.load(at)
    const left = min<i32>(<i32>(end - at), 16)
    let parts = partsAt(at, text) & ((2 << left) - 1)
    if (at === start) parts &= ~1
    while (parts !== 0) {
      if (isPart(start, at + ctz(parts) - 1, end)) return true
      parts &= parts - 1
    }
    const inside = (1 << left) - 1
    const special = groupsOf(groups + SPECIAL, text)
    if ((i8x16.bitmask(i8x16.ne(special, i8x16.splat(0))) & inside) !== 0) {
      const signs = specialSigns(text, v128.load(at + 1), inside)
      if (signs < 0) return true
      sum += <u32>signs
      isOther = isOther || (i8x16.bitmask(text) & inside) !== 0
    }
  }
  if (isOther) {
    const letters = accentedLetters(start, end)
    if (letters < 0) return true
    sum += <u32>(letters * OTHER_SIGNS)
  }
  return sum >= LEAST_SIGNS || (<u32>(end - start) >= LEAST_CODE && hasCode(start, end, isOther))
}

/** One bit for each of sixteen characters that may be behind the middle of a part. */
// @ts-ignore: decorator
@inline
function partsAt(at: usize, text: v128): i32 {
  const found = v128.and(
    groupsOf(spaced, v128.load(at - 2)),
    v128.and(groupsOf(spaced + 32, v128.load(at - 1)), groupsOf(spaced + 64, text)),
  )
  return i8x16.bitmask(i8x16.ne(found, i8x16.splat(0)))
}

// @ts-ignore: decorator
@inline
function groupsOf(tables: usize, text: v128): v128 {
  return v128.and(
    i8x16.relaxed_swizzle(v128.load(tables), v128.and(text, i8x16.splat(0x0f))),
    i8x16.relaxed_swizzle(v128.load(tables + 16), v128.and(i16x8.shr_u(text, 4), i8x16.splat(0x0f))),
  )
}

/**
 * What special characters add up to; -1 for controls, a backslash and the beginning of `%!PS`, `<!entity` or `<?xml`, each
 * of which is enough. `next`: the characters behind them.
 */
function specialSigns(text: v128, next: v128, inside: i32): i32 {
  const isMark = i8x16.eq(next, i8x16.splat(0x21))
  const isDeclared = v128.and(i8x16.eq(text, i8x16.splat(0x3c)), v128.or(isMark, i8x16.eq(next, i8x16.splat(0x3f))))
  const isProgram = v128.and(i8x16.eq(text, i8x16.splat(0x25)), isMark)
  if ((i8x16.bitmask(v128.or(isDeclared, isProgram)) & inside) !== 0) return -1
  const blanks = i8x16.bitmask(v128.or(isAny(text, 0x09, 0x0a), i8x16.eq(text, i8x16.splat(0x0d)))) & inside
  const controls = i8x16.bitmask(v128.or(i8x16.lt_u(text, i8x16.splat(0x20)), isAny(text, 0x7f, 0x5c))) & inside
  if (controls !== blanks) return -1
  const escapes = i8x16.bitmask(isAny(text, 0x25, 0x3d)) & inside
  return popcnt(blanks) * OTHER_SIGNS + popcnt(escapes) * ESCAPE_SIGNS
}

// @ts-ignore: decorator
@inline
function isAny(text: v128, one: u8, two: u8): v128 {
  return v128.or(i8x16.eq(text, i8x16.splat(one)), i8x16.eq(text, i8x16.splat(two)))
}

/**
 * Number of letters from U+0080 to U+00FF, which may be bytes written as characters; -1 for bytes that are no UTF-8, and
 * for controls and characters that stand for bytes.
 */
function accentedLetters(start: usize, end: usize): i32 {
  let letters = 0
  for (let at = start; at < end; ) {
    const first: u32 = load<u8>(at)
    if (first < 0x80) {
      at++
      continue
    }
    const bytes: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    if (first < 0xc2 || first > 0xf4 || at + bytes > end) return -1
    const second: u32 = load<u8>(at, 1)
    if ((second & 0xc0) !== 0x80) return -1
    if (bytes > 2 && (load<u8>(at, 2) & 0xc0) !== 0x80) return -1
    if (bytes > 3 && (load<u8>(at, 3) & 0xc0) !== 0x80) return -1
    // Written too long, halves of pairs, beyond the last character.
    if (first === 0xe0 && second < 0xa0) return -1
    if (first === 0xed && second > 0x9f) return -1
    if (first === 0xf0 && second < 0x90) return -1
    if (first === 0xf4 && second > 0x8f) return -1
    if (first === 0xc2 && second < 0xa0) return -1
    if (first === 0xef && second === 0xbf) return -1
    if (first <= 0xc3) letters++
    at += bytes
  }
  return letters
}

// @ts-ignore: decorator
@inline
function lower(start: usize, at: usize, end: usize): u32 {
  return at < start || at >= end ? 0 : load<u8>(at) | 0x20
}

/** Whether a word begins at a position, whatever spaces and line ends are between its letters. */
// @ts-ignore: decorator
@inline
function hasBehind(at: usize, end: usize, word: u64): bool {
  let left = word
  for (let index = at; index < end && left !== 0; index++) {
    const byte = <u64>load<u8>(index)
    if (byte <= 0x20) continue
    if ((byte | 0x20) !== (left & 0xff)) return false
    left >>>= 8
  }
  return left === 0
}

/** The same for a word that ends before a position, its last letter first. */
// @ts-ignore: decorator
@inline
function hasBefore(start: usize, at: usize, word: u64): bool {
  let left = word
  for (let index = at - 1; index >= start && left !== 0; index--) {
    const byte = <u64>load<u8>(index)
    if (byte <= 0x20) continue
    if ((byte | 0x20) !== (left & 0xff)) return false
    left >>>= 8
  }
  return left === 0
}

/** Whether the beginning of a picture in a code, or a part of a format's name, is around a character. */
function isPart(start: usize, at: usize, end: usize): bool {
  const before = lower(start, at - 1, end)
  const next = at + 1
  const after = lower(start, next, end)
  switch (load<u8>(at) | 0x20) {
    case 0x76: // svg, iVBORw0
      return (before === 0x73 && after === 0x67) || (hasBefore(start, at, 0x69) && hasBehind(next, end, 0x77726f62))
    case 0x70: // xpm
      return before === 0x78 && after === 0x6d
    case 0x74: // ftyp
      return before === 0x66 && after === 0x79 && lower(start, at + 2, end) === 0x70
    case 0x66: // JFIF, GIF8
      return (before === 0x6a && after === 0x69) || (before === 0x69 && after === 0x38)
    case 0x64: // %pdf, IHDR
      if (before === 0x70) return after === 0x66 && lower(start, at - 2, end) === 0x25
      return before === 0x68 && after === 0x72 && lower(start, at - 2, end) === 0x69
    case 0x62: // bits, binhex, begin, webp
      if (after === 0x69) {
        const third = lower(start, at + 2, end)
        return third === 0x74 ? lower(start, at + 3, end) === 0x73 : third === 0x6e && lower(start, at + 3, end) === 0x68
      }
      if (after === 0x65) return lower(start, at + 2, end) === 0x67 && lower(start, at + 5, end) === 0x20
      return before === 0x65 && lower(start, at - 2, end) === 0x77 && after === 0x70
    case 0x38: // ffd8ff
      return hasBefore(start, at, 0x666664) && hasBehind(next, end, 0x6666)
    case 0x6b: // UklG
      return hasBefore(start, at, 0x75) && hasBehind(next, end, 0x676c)
    case 0x30: // R0lG
      return hasBefore(start, at, 0x72) && hasBehind(next, end, 0x676c)
    case 0x36: // ;base64,
      return hasBefore(start, at, 0x7365) && hasBehind(next, end, 0x2c34)
    case 0x34: // 89504e
      return hasBefore(start, at, 0x38393530) && hasBehind(next, end, 0x65)
    case 0x39: // /9j/, 47494638, 52494646
      if (hasBefore(start, at, 0x2f)) return hasBehind(next, end, 0x2f6a)
      return hasBehind(next, end, 0x3634) && (hasBefore(start, at, 0x343734) || hasBefore(start, at, 0x353234))
    case 0x61: // data:
      return before === 0x74 && after === 0x3a && lower(start, at - 2, end) === 0x61
    default:
      return false
  }
}

/** Whether there are enough letters of a code one behind the other, as `mayHoldPictures` counts them. */
function hasCode(start: usize, end: usize, isOther: bool): bool {
  let letters: u32 = 0
  let all: u32 = 0
  let word: u32 = 0
  let alike: u32 = 0
  let length: u32 = 0
  for (let at = start; at <= end; at++) {
    const kind = at < end ? load<u8>(classes + load<u8>(at)) : BREAK
    if (kind === LETTER) {
      word++
      all++
      if (++letters >= LEAST_LETTERS) return true
    } else if (kind === BREAK) {
      if (word > 0) {
        alike = word === length ? alike + word : word
        length = word
        if (word < LEAST_LINE) letters = 0
        word = 0
        if (length > 1 && alike >= LEAST_ALIKE) return true
      }
    } else if (kind !== ESCAPE) {
      letters = 0
      word = 0
      length = 0
    }
  }
  // Characters of other alphabets may be spaces, or nothing that is seen.
  return isOther && all >= LEAST_ALIKE
}
