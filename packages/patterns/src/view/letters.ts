/**
 * Classifies code units for word boundaries.
 * @module
 */

const LETTER = 1
const WORD = 2

/** Scripts that write words without spaces or with attached endings: a phrase may be found anywhere in them. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

const kinds = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  // Surrogates: kept together with their neighbours, and not part of a spaced word.
  if (unit >= 0xd800 && unit <= 0xdfff) return LETTER
  const character = String.fromCharCode(unit)
  if (!/[\p{L}\p{M}]/u.test(character)) return 0
  return UNSPACED.test(character) ? LETTER : LETTER | WORD
})

/** Whether a code unit is, or is part of, a letter. */
export function isLetter(unit: number): boolean {
  return ((kinds[unit] as number) & LETTER) !== 0
}

/** 1 for a letter of a script with spaces between words, 2 for a digit, otherwise 0. Runs of 1 and of 2 are words. */
export function wordKind(unit: number): 0 | 1 | 2 {
  if (((kinds[unit] as number) & WORD) !== 0) return 1
  return unit >= 0x30 && unit <= 0x39 ? 2 : 0
}

const astral = new Map<number, number>()
/** Most cached astral code points. */
const MAX_ASTRAL = 20_000

function kindOfPoint(point: number): number {
  if (point < 0x10000) return kinds[point] as number
  const known = astral.get(point)
  if (known !== undefined) return known
  const character = String.fromCodePoint(point)
  const kind = !/[\p{L}\p{M}]/u.test(character) ? 0 : UNSPACED.test(character) ? LETTER : LETTER | WORD
  if (astral.size >= MAX_ASTRAL) astral.clear()
  astral.set(point, kind)
  return kind
}

/** Whether a pair of units is a letter. */
export function isLetterPair(high: number, low: number): boolean {
  return (kindOfPoint(pointOf(high, low)) & LETTER) !== 0
}

/** Whether units are the halves of one character. */
export function isPair(high: number, low: number): boolean {
  return (high & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00
}

function pointOf(high: number, low: number): number {
  return ((high & 0x3ff) << 10) + (low & 0x3ff) + 0x10000
}

/** {@link wordKind} of the character that begins at a position. */
export function wordKindAt(units: Uint16Array, offset: number): 0 | 1 | 2 {
  const unit = units[offset] as number
  const next = units[offset + 1] as number
  return isPair(unit, next) ? ((kindOfPoint(pointOf(unit, next)) & WORD) !== 0 ? 1 : 0) : wordKind(unit)
}

/** {@link wordKind} of the character that ends before a position. */
export function wordKindBefore(units: Uint16Array, offset: number): 0 | 1 | 2 {
  const isAstral = offset > 1 && isPair(units[offset - 2] as number, units[offset - 1] as number)
  return wordKindAt(units, isAstral ? offset - 2 : offset - 1)
}

/** Whether a word or a number ends or begins between characters of two kinds. */
export function isBoundary(before: 0 | 1 | 2, after: 0 | 1 | 2): boolean {
  return before === 0 || before !== after
}
