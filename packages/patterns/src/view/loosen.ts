/**
 * The loose view of a normalised text: only letters, joined across spaces and punctuation, with digits and signs read
 * as the letters they stand for.
 * @module
 */
import { isLetter, isLetterPair, isPair } from "./letters.ts"
import { Mapped } from "./mapped.ts"

/** Most units between two letters of one occurrence; a longer gap makes a break in the view. */
export const MAX_GAP = 16
/** Marks a gap that was too long; no phrase contains it. */
const BREAK = 0

const DIGITS = "oizeasgtbg"
const SIGNS: ReadonlyMap<number, number> = new Map(
  Object.entries({ "@": "a", $: "s", "!": "i", "|": "i", "+": "t", "(": "c", "€": "e", "£": "i" }).map(
    ([sign, letter]) => [sign.charCodeAt(0), letter.charCodeAt(0)],
  ),
)

const isSign = Uint8Array.from({ length: 0x10000 }, (_, unit) => (SIGNS.has(unit) ? 1 : 0))

/** Whether a normalised text has signs that may stand for letters, and therefore a second loose view. */
export function hasSigns({ units, length }: Mapped): boolean {
  for (let i = 0; i < length; i++) if (isSign[units[i] as number] === 1) return true
  return false
}

/**
 * Makes the view.
 *
 * @param signs - whether signs stand for letters; if not, they are punctuation.
 * @param into - overwritten; a new one by default.
 * @returns a view whose `positions` count units of the normalised text.
 */
export function loosen({ units, length }: Mapped, signs: boolean, into = new Mapped(0)): Mapped {
  const loose = into.reset(length)
  let gap = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i] as number
    const next = units[i + 1] as number
    if (i + 1 < length && isPair(unit, next)) {
      if (!isLetterPair(unit, next)) {
        if (++gap === MAX_GAP + 1) loose.push(BREAK, i)
        i++
        continue
      }
      gap = 0
      loose.push(unit, i)
      loose.push(next, ++i)
      continue
    }
    const letter = letterOf(units[i] as number, signs)
    if (letter === undefined) {
      if (++gap === MAX_GAP + 1) loose.push(BREAK, i)
      continue
    }
    gap = 0
    loose.push(letter, i)
  }
  return loose
}

function letterOf(unit: number, signs: boolean): number | undefined {
  // One letter for all that look like a single stroke.
  if (unit === 0x6c) return 0x69
  if (unit >= 0x61 && unit <= 0x7a) return unit
  if (unit >= 0x30 && unit <= 0x39) return DIGITS.charCodeAt(unit - 0x30)
  if (signs) {
    const letter = SIGNS.get(unit)
    if (letter !== undefined) return letter
  }
  return unit >= 0x80 && isLetter(unit) ? unit : undefined
}
