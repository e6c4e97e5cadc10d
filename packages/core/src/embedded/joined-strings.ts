import type { Decoder } from "./decoded.ts"

/** The text between two strings of a list, where no colon follows the second. Scans each string at most twice. */
const BETWEEN = /(["'])\s*,\s*\1(?=[^"']*(?:$|["']\s*(?:[,\]]|$)))/g
/** The end of a string that may be a line of code; its line end may be escaped. */
const CODE_END = /[\w+/=-]{20,64}(?=(?:\\{1,8}[nr]|\s){0,4}$)/
/** Nearly every line of base64 matches all three, and at least one line of a picture does; few names do. */
const MIXED = [/[A-Z]/, /[a-z]/, /[0-9]/]
/** One repeated digit, as in a picture of one colour. */
const FLAT = /([\dA-Za-z+/])\1{11}/
const HEXADECIMAL = /^[a-fA-F]*[0-9][0-9a-fA-F]*$/
/** A line of code at the very end, where the next string may follow. */
const OPEN = /[\w+/=-]{20}(?:\\{1,8}[nr]|\s){0,4}(["']\s{0,64}(?:,\s{0,64})?)$/
const LONGEST = 64
const LONGEST_OPEN = 256

/**
 * Joins the strings of each list, because notebooks write one text as a list of lines, if a list has at least three
 * lines of code or may still get them.
 */
export const joinStrings: Decoder = (source) => {
  if (!/["']/.test(source)) return { texts: [], openFrom: source.length }
  const lists = listsOf(source)
  const open = OPEN.exec(source.slice(-LONGEST_OPEN))?.[1]
  const openFrom = source.length - (open?.length ?? 0)
  const last = lists.at(-1)
  const lastEnd = last?.cuts.at(-1)?.[1] ?? 0
  // A list that is cut off at the end may still turn out to be code.
  if (last !== undefined && !/["']/.test(source.slice(lastEnd, openFrom))) last.isCode = true
  const cuts = lists.flatMap((list) => (list.isCode ? list.cuts : []))
  const mayGoOn = open !== undefined || (cuts.length === 1 && !/["']/.test(source.slice(cuts[0]?.[1])))
  if (cuts.length < 2 && !mayGoOn) return { texts: [], openFrom }
  const positions = new Int32Array(source.length)
  const parts: string[] = []
  let from = 0
  let length = 0
  for (const [start, end] of [...cuts, [openFrom, source.length] as const]) {
    parts.push(source.slice(from, start))
    for (let k = from; k < start; k++) positions[length++] = k
    from = end
  }
  return {
    texts: [{ text: parts.join(""), positions: positions.subarray(0, length), reachesEnd: true }],
    openFrom: source.length,
  }
}

/** A list of strings that may be lines of code. */
interface List {
  readonly cuts: (readonly [number, number])[]
  isCode: boolean
}

/**
 * Lists of names are not code, and joining them would cause the whole source to be searched again. At least one line of
 * a code is mixed, flat or hexadecimal.
 */
function listsOf(source: string): List[] {
  const lists: List[] = []
  let list: List | undefined
  let end = 0
  for (const { index, 0: between } of source.matchAll(BETWEEN)) {
    const line = CODE_END.exec(source.slice(Math.max(0, index - LONGEST), index))?.[0]
    if (line === undefined) {
      list = undefined
      continue
    }
    if (list === undefined || /["']/.test(source.slice(end, index))) {
      list = { cuts: [], isCode: false }
      lists.push(list)
    }
    end = index + between.length
    list.cuts.push([index, end])
    if (isCode(line)) list.isCode = true
  }
  return lists
}

function isCode(line: string): boolean {
  return FLAT.test(line) || HEXADECIMAL.test(line) || MIXED.every((kind) => kind.test(line))
}
