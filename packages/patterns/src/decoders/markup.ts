import type { Decoded, Decoder } from "./decoder.ts"

/** Elements that a viewer separates from the words before and after them. */
const APART =
  /^<\/?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|t[drh]|tr|ul)(?![a-z0-9-])/i
/** Longest beginning of such a tag, characters. */
const NAME_CHARS = 16

/** Elements whose content a browser does not show. The content of `script` and `style` is not markup. */
const HIDDEN = /^<(\/?)(script|style|template)(?=[\s/>])/i
const HAS_HIDDEN = /<\/?(?:script|style|template)[\s/>]/i
const TEMPLATE = "template"
/** Longer content is read as ordinary text, so that a stream holds back no more than this for it. */
const MAX_HIDDEN_CHARS = 4_096
/** Longest beginning of an end tag, characters. */
const END_TAG_CHARS = 12

/**
 * Decodes the text as a viewer shows it, without tags, comments, terminal escapes and the targets of Markdown links.
 * Where readers differ, there are two texts: a plain one, in which `>` ends every tag, `-->` every comment and `)`
 * every target, and CDATA is shown; and one that follows HTML and CommonMark exactly. Where there are hidden elements,
 * there is also a text without their short content, or without the rest of the text where they do not end.
 */
export const markup: Decoder = (source) => {
  if (!/<[a-zA-Z/!?]|\]\(/.test(source) && !source.includes(ESCAPE)) return { texts: [], openFrom: source.length }
  const simple = strip(source, false)
  const quoted = strip(source, true)
  const texts = [simple, quoted].filter((one) => one !== undefined)
  const isSame = simple !== undefined && quoted !== undefined && simple.text === quoted.text
  const shown = HAS_HIDDEN.test(source) ? shownOf(source) : []
  return { texts: [...(isSame ? [simple] : texts), ...shown], openFrom: source.length }
}

/**
 * The text without hidden elements. An end tag without a start tag belongs to an element that began before the text was
 * cut: the text after the first such end tag is a separate text that begins with a word.
 */
function shownOf(source: string): Decoded[] {
  const hidden: Hidden = { depth: 0, ending: undefined }
  const shown = strip(source, true, hidden)
  if (shown === undefined || hidden.ending === undefined) return shown === undefined ? [] : [shown]
  const { text, positions } = shown
  let from = 0
  while (from < text.length && (positions[from] as number) < hidden.ending) from++
  const places = new Int32Array(text.length - from + 1)
  places[0] = hidden.ending
  for (let i = from; i < text.length; i++) places[i - from + 1] = positions[i] as number
  return [shown, { text: ` ${text.slice(from)}`, positions: places, reachesEnd: true }]
}

/** State of {@link strip} for hidden elements. */
interface Hidden {
  /** Number of open templates; 0 where text is shown. */
  depth: number
  /** Position of the first end tag without a start tag. */
  ending: number | undefined
}

/**
 * @param isExact - whether to follow the standards exactly: `<` and `>` in quoted values belong to the tag.
 * @param hidden - given where hidden elements are removed with their content.
 */
function strip(source: string, isExact: boolean, hidden?: Hidden): Decoded | undefined {
  const positions = new Int32Array(source.length)
  const parts: string[] = []
  let length = 0
  let from = 0
  // A search that reached the end in vain is not repeated, so that time stays linear.
  const left: Left = {
    comments: true,
    ends: { "-->": -1, "--!>": -1 },
    quotes: isExact,
    targets: true,
    balanced: isExact ? source.length * 4 : 0,
    section: false,
  }
  const keep = (to: number) => {
    for (let i = from; i < to; i++) positions[length++] = i
    parts.push(source.slice(from, to))
  }
  MARK.lastIndex = 0
  for (let match = MARK.exec(source); match !== null; match = MARK.exec(source)) {
    const start = match.index
    let end: number
    if (match[0] === "](") end = endOfTarget(source, start, left)
    else if (match[0].startsWith(ESCAPE)) end = start + match[0].length
    else if (match[0] === "]]>") end = left.section ? start + 3 : 0
    else if (match[0] === "<![CDATA[" && !isExact) {
      left.section = true
      end = start + match[0].length
    } else if (match[0] === "<!--" && left.comments) end = endOfComment(source, start, isExact, left)
    else end = endOfTag(source, start, left)
    if (end <= start) continue
    const isShown = hidden === undefined || hidden.depth === 0
    if (hidden !== undefined) end = enter(source, start, end, hidden, left)
    if (isShown) keep(start)
    if (isShown && APART.test(source.slice(start, start + NAME_CHARS))) {
      parts.push(" ")
      positions[length++] = start
    }
    from = end
    MARK.lastIndex = end
  }
  if (from === 0) return undefined
  if (hidden === undefined || hidden.depth === 0) keep(source.length)
  return { text: parts.join(""), positions: positions.subarray(0, length), reachesEnd: true }
}

/** Handles a tag of a hidden element. @returns the position after it; for a script, the position after its end tag. */
function enter(source: string, start: number, end: number, hidden: Hidden, left: Left): number {
  const [, slash, written] = HIDDEN.exec(source.slice(start, start + NAME_CHARS)) ?? []
  const name = written?.toLowerCase()
  if (name === undefined) return end
  if (slash === "/") {
    if (hidden.depth > 0) hidden.depth -= name === TEMPLATE ? 1 : 0
    else hidden.ending ??= start
  } else if (name === TEMPLATE) hidden.depth += endOfHidden(source, name, end) === undefined ? 0 : 1
  else return endOfRaw(source, name, end, left)
  return end
}

/**
 * The end of an element without markup: of its end tag, of the text where there is none, or `from` where the content is
 * long.
 */
function endOfRaw(source: string, name: string, from: number, left: Left): number {
  const end = endOfHidden(source, name, from)
  if (end === undefined || end === source.length) return end ?? from
  return endOfTag(source, end, left) || Math.min(source.length, end + name.length + 3)
}

const ENDS: Readonly<Record<string, RegExp>> = {
  script: /<\/script[\s/>]/i,
  style: /<\/style[\s/>]/i,
  template: /<\/template[\s/>]/i,
}

/**
 * The position of the first end tag after the beginning of an element, or the end of the text; `undefined` where both
 * are far away.
 */
function endOfHidden(source: string, name: string, from: number): number | undefined {
  const held = source.slice(from, from + MAX_HIDDEN_CHARS + END_TAG_CHARS)
  const end = held.search(ENDS[name] as RegExp)
  if (end !== -1) return from + end
  return from + held.length === source.length && held.length <= MAX_HIDDEN_CHARS ? source.length : undefined
}

/** Begins terminal sequences for colours, movements and titles, which may be cut off at the end of the text. */
const ESCAPE = "\u001b"
const CONTROL_SEQUENCE = `${ESCAPE}\\[[0-?]*[ -/]*(?:[@-~]|$)`
const TITLE = `${ESCAPE}\\][^\u0007${ESCAPE}]*(?:\u0007|${ESCAPE}(?:\\\\|$)|$)`
const MARK = new RegExp(`<!--|<!\\[CDATA\\[|<(?=[a-zA-Z/!?])|\\]\\]>|\\]\\(|${CONTROL_SEQUENCE}|${TITLE}`, "g")

interface Left {
  comments: boolean
  readonly ends: Record<"-->" | "--!>", number>
  quotes: boolean
  targets: boolean
  /** Characters that may still be examined for the end of targets with parentheses. */
  balanced: number
  /** Whether a CDATA section has begun. */
  section: boolean
}

/** The end of a comment. Browsers also end a comment at `--!>`, and an empty one at `<!-->` and `<!--->`. */
function endOfComment(source: string, start: number, isExact: boolean, left: Left): number {
  const plain = next(source, "-->", start + (isExact ? 2 : 4), left)
  const end = isExact ? Math.min(plain, next(source, "--!>", start + 4, left)) : plain
  left.comments = end !== Number.POSITIVE_INFINITY
  if (!left.comments) return 0
  return source.indexOf(">", end) + 1
}

/** The next position of one of the comment ends, cached until it is passed. */
function next(source: string, end: "-->" | "--!>", from: number, { ends }: Left): number {
  const known = ends[end]
  if (known >= from) return known
  const found = source.indexOf(end, from)
  ends[end] = found === -1 ? Number.POSITIVE_INFINITY : found
  return ends[end]
}

/**
 * @returns 0 where no tag ends. A tag that is cut off at the end of the text is removed, because the following text
 * belongs to it.
 */
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

/** Longest link target that is removed, characters. */
const MAX_TARGET_CHARS = 2_000

function endOfTarget(source: string, start: number, left: Left): number {
  const balanced = left.balanced > 0 ? endOfBalanced(source, start + 2, left) : 0
  if (balanced > 0) return balanced
  const end = left.targets ? source.indexOf(")", start) : -1
  left.targets = end !== -1
  const to = end === -1 ? source.length : end + 1
  return to - start > MAX_TARGET_CHARS ? 0 : to
}

/** The end of a target in `<>` or with balanced parentheses. @returns 0 where there is none. */
function endOfBalanced(source: string, from: number, left: Left): number {
  const most = Math.min(source.length, from + MAX_TARGET_CHARS)
  let [depth, i] = [0, from]
  let isPointed = source.charCodeAt(i) === 0x3c
  for (; i < most; i++) {
    const code = source.charCodeAt(i)
    if (code === 0x5c) i++
    else if (isPointed) isPointed = code !== 0x3e
    else if (code === 0x28) depth++
    else if (code === 0x29 && depth-- === 0) break
  }
  left.balanced -= i - from
  if (i < most) return i + 1
  return most === source.length ? most : 0
}
