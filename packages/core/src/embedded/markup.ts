import type { Decoded, Decoder } from "./decoded.ts"

/** Elements that a viewer sets apart from the words before and behind them. */
const APART =
  /^<\/?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|t[drh]|tr|ul)(?![a-z0-9-])/i
/** Longest beginning of such a tag. */
const NAME_CHARS = 16

/**
 * The text as a viewer shows it, without tags and comments, and the targets of Markdown's links. Where a quoted value
 * holds `<` or `>`, readers of HTML and of Markdown differ: then there are two such texts.
 */
export const markup: Decoder = (source) => {
  if (!/<[a-zA-Z/!?]|\]\(/.test(source)) return { texts: [], openFrom: source.length }
  const simple = strip(source, false)
  const quoted = strip(source, true)
  const texts = [simple, quoted].filter((one) => one !== undefined)
  const isSame = simple !== undefined && quoted !== undefined && simple.text === quoted.text
  return { texts: isSame ? [simple] : texts, openFrom: source.length }
}

/** @param isQuoted - whether `<` and `>` in quoted values belong to the tag. */
function strip(source: string, isQuoted: boolean): Decoded | undefined {
  const at = new Int32Array(source.length)
  const parts: string[] = []
  let length = 0
  let from = 0
  // What was looked for to the end in vain is not looked for again: the time stays linear.
  const left: Left = { comments: true, quotes: isQuoted, targets: true }
  const keep = (to: number) => {
    for (let i = from; i < to; i++) at[length++] = i
    parts.push(source.slice(from, to))
  }
  MARK.lastIndex = 0
  for (let match = MARK.exec(source); match !== null; match = MARK.exec(source)) {
    const start = match.index
    let end: number
    if (match[0] === "](") end = endOfTarget(source, start, left)
    else if (match[0] === "<!--" && left.comments) end = endOfComment(source, start, left)
    else end = endOfTag(source, start, left)
    if (end <= start) continue
    keep(start)
    if (APART.test(source.slice(start, start + NAME_CHARS))) {
      parts.push(" ")
      at[length++] = start
    }
    from = end
    MARK.lastIndex = end
  }
  if (from === 0) return undefined
  keep(source.length)
  return { text: parts.join(""), at: at.subarray(0, length), reachesEnd: true }
}

const MARK = /<!--|<(?=[a-zA-Z/!?])|\]\(/g

interface Left {
  comments: boolean
  quotes: boolean
  targets: boolean
}

function endOfComment(source: string, start: number, left: Left): number {
  const end = source.indexOf("-->", start + 4)
  left.comments = end !== -1
  return end === -1 ? 0 : end + 3
}

/** @returns 0 where no tag ends. A tag that the end of the text cuts off is left out: what follows belongs to it. */
function endOfTag(source: string, start: number, left: Left): number {
  let quote = 0
  for (let i = start + 1; i < source.length; i++) {
    const code = source.charCodeAt(i)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (left.quotes && (code === 0x22 || code === 0x27)) quote = code
    else if (code === 0x3e) return i + 1
    else if (code === 0x3c) return 0
  }
  if (quote === 0) return source.length
  left.quotes = false
  return 0
}

/** Longest target of a link that is left out. */
const MAX_TARGET_CHARS = 2_000

function endOfTarget(source: string, start: number, left: Left): number {
  const end = left.targets ? source.indexOf(")", start) : -1
  left.targets = end !== -1
  const to = end === -1 ? source.length : end + 1
  return to - start > MAX_TARGET_CHARS ? 0 : to
}
