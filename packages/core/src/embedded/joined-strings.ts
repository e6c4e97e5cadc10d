import type { Decoder } from "./decoded.ts"

/** Between two strings of a list, the second of which no colon follows. Each string is passed twice at most. */
const BETWEEN = /(["'])\s*,\s*\1(?=[^"']*(?:$|["']\s*(?:[,\]]|$)))/g
/** How a string ends that may hold a line of a code: its line end may be there as an escape. */
const CODE_END = /[\w+/=-]{20,64}(?=(?:\\{1,8}[nr]|\s){0,4}$)/
/** A line of base64 nearly always has all three of these, and of a picture some line has; few names do. */
const MIXED = [/[A-Z]/, /[a-z]/, /[0-9]/]
/** One digit again and again, as where a picture has one colour. */
const FLAT = /([\dA-Za-z+/])\1{11}/
const HEXADECIMAL = /^[a-fA-F]*[0-9][0-9a-fA-F]*$/
/** The same at the very end, where the next string may follow. */
const OPEN = /[\w+/=-]{20}(?:\\{1,8}[nr]|\s){0,4}(["']\s{0,64}(?:,\s{0,64})?)$/
const LONGEST = 64
const LONGEST_OPEN = 256

/** The text with the strings of each list joined, as notebooks write one text in lines; where one has three lines of a code, or may yet. */
export const joinStrings: Decoder = (source) => {
  if (!/["']/.test(source)) return { texts: [], openFrom: source.length }
  const lists = listsOf(source)
  const open = OPEN.exec(source.slice(-LONGEST_OPEN))?.[1]
  const openFrom = source.length - (open?.length ?? 0)
  const last = lists.at(-1)
  const lastEnd = last?.cuts.at(-1)?.[1] ?? 0
  // A list that the end cuts off may show later what it is.
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

/** A row of strings that may be lines of a code. */
interface List {
  readonly cuts: (readonly [number, number])[]
  isCode: boolean
}

/**
 * Lists of names are no code: joining them would have all of a source looked through again. Of the lines of a code at
 * least one is mixed, flat or hexadecimal.
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
