/**
 * Invisible characters, which may come between the digits of a code.
 * @module
 */

/** White space outside ASCII. */
export const BLANK = 2
const UNSEEN = 1

/** {@link BLANK}, {@link UNSEEN} or neither, for each code unit. */
const KINDS = new Uint8Array(0x10000)
/** `\p{Cf}`, `Default_Ignorable_Code_Point` and control characters outside ASCII. */
for (const [first, last] of [
  [0x80, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
] as const) {
  KINDS.fill(UNSEEN, first, last + 1)
}
/** `\p{Z}`, and the blank Braille pattern. */
for (const blank of [0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x2800, 0x3000]) KINDS[blank] = BLANK
KINDS.fill(BLANK, 0x2000, 0x200b)

const UNSEEN_PAIR = /^[\p{Cf}\p{Default_Ignorable_Code_Point}]/u

/** Whether a code unit outside ASCII is invisible or white space, so that it may occur in the middle of a code. */
export function unseenKind(code: number): number {
  return KINDS[code] as number
}

/** Length in code units of an invisible or white-space character outside ASCII; 0 for any other character. */
export function unseenUnits(source: string, offset: number): number {
  const code = source.charCodeAt(offset)
  if (KINDS[code] !== 0) return 1
  return (code & 0xfc00) === 0xd800 && UNSEEN_PAIR.test(source.slice(offset, offset + 2)) ? 2 : 0
}
