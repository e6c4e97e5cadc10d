import { isLetter } from "../view/letters.ts"
import type { Ranges } from "./ast.ts"

const LAST = 0xffff

/** Sorts ranges and joins adjacent ones. */
export function mergeRanges(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort(([a], [b]) => a - b)
  const joined: [number, number][] = []
  for (const [low, high] of sorted) {
    const last = joined.at(-1)
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else joined.push([low, high])
  }
  return joined
}

/** Every unit outside the ranges, which must be merged. */
export function complement(ranges: Ranges): Ranges {
  const rest: [number, number][] = []
  let from = 0
  for (const [low, high] of ranges) {
    if (low > from) rest.push([from, low - 1])
    from = high + 1
  }
  if (from <= LAST) rest.push([from, LAST])
  return rest
}

/** Whether a unit is in merged ranges. */
export function contains(ranges: Ranges, unit: number): boolean {
  return ranges.some(([low, high]) => unit >= low && unit <= high)
}

/** `\d`: the normalised view maps most scripts' digits to these. */
export const DIGIT: Ranges = [[0x30, 0x39]]
/** `\s`: a normalised text has no other white space. */
export const SPACE: Ranges = [[0x20, 0x20]]
/** `\w`: letters of every script, digits and the low line. */
export const WORD_CHARACTER: Ranges = mergeRanges([
  ...DIGIT,
  [0x5f, 0x5f],
  ...Array.from({ length: LAST + 1 }, (_, unit) => unit)
    .filter(isLetter)
    .map((unit) => [unit, unit] as const),
])
