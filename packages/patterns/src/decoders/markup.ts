import type { Decoded, Decoder } from "./decoder.ts"

/** Elements that a viewer sets apart from the words before and behind them. */
const APART =
  /^<\/?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|t[drh]|tr|ul)(?![a-z0-9-])/i
/** Longest beginning of such a tag. */
const NAME_CHARS = 16

/** Elements that a browser shows nothing of. What `script` and `style` hold is no markup. */
const HIDDEN = /^<(\/?)(script|style|template)(?=[\s/>])/i
const HAS_HIDDEN = /<\/?(?:script|style|template)[\s/>]/i
const TEMPLATE = "template"
/** What holds more is read as it stands: of a text that comes piece by piece no more is held back for it. */
const MOST_HIDDEN_CHARS = 4_096
/** Longest end tag's beginning. */
const END_TAG_CHARS = 12

/**
 * The text as a viewer shows it, without tags, comments and the escapes of terminals, and the targets of Markdown's
 * links. Where readers differ there are two such texts: a plain one, in which `>` ends every tag, `-->` every comment and
 * `)` every target, and CDATA is shown; and one that keeps to the letter of HTML and CommonMark. Where there are elements
 * that are not shown, it is also read without the few characters that they hold: up to the end, where they do not end.
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
 * Without elements that are not shown. One that ends and does not begin began before a text that was cut: what stands
 * behind the first such end is a text of its own, that begins with a word.
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

/** Where {@link strip} stands with elements that are not shown. */
interface Hidden {
  /** Templates that are open; 0 where what comes is shown. */
  depth: number
  /** Where the first stands that ends and does not begin. */
  ending: number | undefined
}

/**
 * @param isExact - whether `<` and `>` in quoted values belong to the tag, and all else is as the standards have it.
 * @param hidden - given where elements that are not shown go with all they hold.
 */
function strip(source: string, isExact: boolean, hidden?: Hidden): Decoded | undefined {
  const positions = new Int32Array(source.length)
  const parts: string[] = []
  let length = 0
  let from = 0
  // What was looked for to the end in vain is not looked for again: the time stays linear.
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

/** Takes a tag of an element that is not shown. @returns where what follows it begins: of a script, that is behind its end. */
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

/** Where an element ends that holds no markup: where the text does if that comes first, and at once where it holds much. */
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

/** Where the first end tag stands behind the beginning of an element, or the text ends; `undefined` where both are far. */
function endOfHidden(source: string, name: string, from: number): number | undefined {
  const held = source.slice(from, from + MOST_HIDDEN_CHARS + END_TAG_CHARS)
  const end = held.search(ENDS[name] as RegExp)
  if (end !== -1) return from + end
  return from + held.length === source.length && held.length <= MOST_HIDDEN_CHARS ? source.length : undefined
}

/** What terminals take as colours, movements and titles begins with it; the end of the text may cut it off. */
const ESCAPE = "\u001b"
const CONTROL_SEQUENCE = `${ESCAPE}\\[[0-?]*[ -/]*(?:[@-~]|$)`
const TITLE = `${ESCAPE}\\][^\u0007${ESCAPE}]*(?:\u0007|${ESCAPE}(?:\\\\|$)|$)`
const MARK = new RegExp(`<!--|<!\\[CDATA\\[|<(?=[a-zA-Z/!?])|\\]\\]>|\\]\\(|${CONTROL_SEQUENCE}|${TITLE}`, "g")

interface Left {
  comments: boolean
  readonly ends: Record<"-->" | "--!>", number>
  quotes: boolean
  targets: boolean
  /** Characters that may still be looked at for the end of targets with parentheses in them. */
  balanced: number
  /** Whether a CDATA section has begun. */
  section: boolean
}

/** Browsers also end a comment at `--!>`, and one without content at `<!-->` and `<!--->`. */
function endOfComment(source: string, start: number, isExact: boolean, left: Left): number {
  const plain = next(source, "-->", start + (isExact ? 2 : 4), left)
  const end = isExact ? Math.min(plain, next(source, "--!>", start + 4, left)) : plain
  left.comments = end !== Number.POSITIVE_INFINITY
  if (!left.comments) return 0
  return source.indexOf(">", end) + 1
}

/** Where one of the ends of comments stands next: what was found is kept until it is passed. */
function next(source: string, end: "-->" | "--!>", from: number, { ends }: Left): number {
  const known = ends[end]
  if (known >= from) return known
  const found = source.indexOf(end, from)
  ends[end] = found === -1 ? Number.POSITIVE_INFINITY : found
  return ends[end]
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
  const balanced = left.balanced > 0 ? endOfBalanced(source, start + 2, left) : 0
  if (balanced > 0) return balanced
  const end = left.targets ? source.indexOf(")", start) : -1
  left.targets = end !== -1
  const to = end === -1 ? source.length : end + 1
  return to - start > MAX_TARGET_CHARS ? 0 : to
}

/** The end of a target that is in `<>`, or holds as many `(` as `)`. @returns 0 where there is none. */
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
