/**
 * What a code unit is, as far as words go.
 * @module
 */

const LETTER = 1
const WORD = 2

/** Scripts that write words without spaces, or hang endings on them: there a phrase is looked for anywhere. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

const kinds = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  // Halves of characters: kept together with their neighbours, parts of no spaced word.
  if (unit >= 0xd800 && unit <= 0xdfff) return LETTER
  const character = String.fromCharCode(unit)
  if (!/[\p{L}\p{M}]/u.test(character)) return 0
  return UNSPACED.test(character) ? LETTER : LETTER | WORD
})

/** Whether a code unit is, or is part of, a letter. */
export function isLetter(unit: number): boolean {
  return ((kinds[unit] as number) & LETTER) !== 0
}

/** 1 for a letter of a script that puts spaces between words, 2 for a digit, else 0: runs of 1 and of 2 are words. */
export function wordKind(unit: number): 0 | 1 | 2 {
  if (((kinds[unit] as number) & WORD) !== 0) return 1
  return unit >= 0x30 && unit <= 0x39 ? 2 : 0
}

/** Whether a word or a number ends or begins between two neighbours. */
export function isBoundary(before: number, after: number): boolean {
  const kind = wordKind(before)
  return kind === 0 || kind !== wordKind(after)
}
