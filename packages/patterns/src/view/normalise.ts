/**
 * Normalises text: one form for everything that reads alike.
 *
 * Decomposes compatibility forms (NFKD), removes accents and invisible characters, folds case, replaces letters of
 * other scripts that look like Latin ones, and turns white space into one space. Phrases are normalised like texts, so
 * that both stay comparable in every script.
 * @module
 */
import { CONFUSABLES } from "./confusables.ts"
import { Mapped } from "./mapped.ts"

const LATIN_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(CONFUSABLES).flatMap(([latin, alike]) =>
    Array.from(alike, (character) => [character, latin] as const),
  ),
)
/** Letters in circles, squares and flags that have no compatibility form: first code point of A to Z. */
const ENCLOSED = [0x1f150, 0x1f170, 0x1f1e6]
/**
 * Invisible characters and marks on letters of any script, except the voiced marks of kana, which make other letters.
 */
const DROPPED =
  /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cs}\p{Me}\u0591-\u05c7\u0640]|(?=\p{M})(?![\u3099\u309a])\p{Script=Inherited}|(?!\s)\p{Cc}/u
const SPACE = /[\s\p{Z}]/u
/** From this code unit on, letters may belong to scripts with their own marks. */
const FIRST_NOT_LATIN = 0x2b0
/** Most cached astral code points. */
const MAX_ASTRAL = 20_000

const ascii = Uint8Array.from({ length: 0x80 }, (_, code) => {
  if (code >= 0x41 && code <= 0x5a) return code + 32
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return 0x20
  return code < 0x20 || code === 0x7f ? 0 : code
})
const plane: (string | undefined)[] = Array.from({ length: 0x10000 })
const astral = new Map<number, string>()

/**
 * Normalises a text. Idempotent.
 *
 * @param into - overwritten; a new one by default.
 */
export function normalise(text: string, into = new Mapped(0)): Mapped {
  const normalised = into.reset(text.length + 8)
  let spaced = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) {
      const unit = ascii[code] as number
      if (unit === 0 || (unit === 0x20 && spaced)) continue
      normalised.push(unit, i)
      spaced = unit === 0x20
      continue
    }
    const point = text.codePointAt(i) as number
    const units = normalisePoint(point)
    for (let k = 0; k < units.length; k++) {
      const unit = units.charCodeAt(k)
      if (unit === 0x20 && spaced) continue
      // Drop marks of other scripts on Latin letters, on signs or at the start, where they do not belong to a word.
      if (unit >= 0x300 && isOnLatin(normalised) && isMark(units.codePointAt(k) as number)) {
        if (isHigh(unit)) k++
        continue
      }
      normalised.push(unit, i)
      spaced = unit === 0x20
    }
    if (point > 0xffff) i++
  }
  return normalised
}

/** Whether the normalised text so far is empty or ends in a Latin letter, a sign or a space. */
function isOnLatin({ units, length }: Mapped): boolean {
  return length === 0 || (units[length - 1] as number) < FIRST_NOT_LATIN
}

/** 0 for unknown, 1 for characters that are not marks, 2 for marks. */
const marks = new Uint8Array(0x20000)

function isMark(point: number): boolean {
  if (point >= marks.length) return false
  if (marks[point] === 0) marks[point] = /\p{M}/u.test(String.fromCodePoint(point)) ? 2 : 1
  return marks[point] === 2
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800
}

/** Normalises one code point: an invisible one becomes nothing, white space becomes a space. */
export function normalisePoint(point: number): string {
  const known = point > 0xffff ? astral.get(point) : plane[point]
  if (known !== undefined) return known
  const normalised = normaliseFully(String.fromCodePoint(point))
  if (point <= 0xffff) plane[point] = normalised
  else {
    if (astral.size >= MAX_ASTRAL) astral.clear()
    astral.set(point, normalised)
  }
  return normalised
}

function normaliseFully(character: string): string {
  let text = character
  // Repeat until nothing changes; a few characters need three rounds.
  for (let round = 0; round < 6; round++) {
    const next = Array.from(text.normalize("NFKD"), normaliseOnce).join("")
    if (next === text) break
    text = next
  }
  return text
}

function normaliseOnce(character: string): string {
  if (DROPPED.test(character)) return ""
  if (SPACE.test(character)) return " "
  const point = character.codePointAt(0) as number
  const first = ENCLOSED.find((from) => point >= from && point < from + 26)
  if (first !== undefined) return String.fromCharCode(0x61 + point - first)
  const lowered = character.toUpperCase().toLowerCase()
  return LATIN_OF.get(lowered) ?? lowered
}
