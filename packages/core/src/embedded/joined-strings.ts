import type { Decoder } from "./decoded.ts"

/** Between two strings of a list, the second of which no colon follows. Each string is passed twice at most. */
const BETWEEN = /(["'])\s*,\s*\1(?=[^"']*(?:$|["']\s*(?:[,\]]|$)))/g
/** How a string ends that holds a line of a code: its line end may be there as an escape. */
const CODE_END = /[\w+/=-]{24}(?:\\{1,8}[nr]|\s){0,4}$/
/** The same at the very end, where the next string may follow. */
const OPEN = /[\w+/=-]{24}(?:\\{1,8}[nr]|\s){0,4}(["']\s{0,64}(?:,\s{0,64})?)$/
const LONGEST = 64
const LONGEST_OPEN = 256

/** The text with the strings of each list joined, as notebooks write one text in lines; where it has three lines of a code, or may yet. */
export const joinStrings: Decoder = (source) => {
  if (!/["']/.test(source)) return { texts: [], openFrom: source.length }
  const cuts: (readonly [number, number])[] = []
  for (const { index, 0: between } of source.matchAll(BETWEEN)) {
    if (CODE_END.test(source.slice(Math.max(0, index - LONGEST), index))) cuts.push([index, index + between.length])
  }
  const open = OPEN.exec(source.slice(-LONGEST_OPEN))?.[1]
  const openFrom = source.length - (open?.length ?? 0)
  const mayGoOn = open !== undefined || (cuts.length === 1 && !/["']/.test(source.slice(cuts[0]?.[1])))
  if (cuts.length < 2 && !mayGoOn) return { texts: [], openFrom }
  const at = new Int32Array(source.length)
  const parts: string[] = []
  let from = 0
  let length = 0
  for (const [start, end] of [...cuts, [openFrom, source.length] as const]) {
    parts.push(source.slice(from, start))
    for (let k = from; k < start; k++) at[length++] = k
    from = end
  }
  return { texts: [{ text: parts.join(""), at: at.subarray(0, length), reachesEnd: true }], openFrom: source.length }
}
