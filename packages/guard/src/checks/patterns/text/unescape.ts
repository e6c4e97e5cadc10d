import type { Decoder } from "./decoded.ts"

const HEX = "[0-9a-f]"
/** Each alternative begins with its own character and is bounded, but for bytes in a row: the search is linear. */
const ESCAPE = new RegExp(
  [
    `%u(${HEX}{4})`,
    `((?:%${HEX}{2})+)`,
    `&#(\\d{1,8});?`,
    `&#x(${HEX}{1,6});?`,
    `&([a-z]{2,24});`,
    `\\\\u\\{(${HEX}{1,6})\\}`,
    `\\\\u(${HEX}{4})`,
    `\\\\x(${HEX}{2})`,
    `\\\\([nrtbf"'/\\\\])`,
  ].join("|"),
  "gi",
)
/** The beginning of one at the very end, or bytes of a character that may go on. */
const OPEN = new RegExp(
  `(?:%(?:u${HEX}{0,3}|${HEX}?)|(?:%[89a-f]${HEX}){1,4}(?:%${HEX}?)?|&(?:#(?:\\d{0,8}|x${HEX}{0,6})|[a-z]{0,24})|\\\\(?:u(?:${HEX}{0,3}|\\{${HEX}{0,6})|x${HEX}?)?)$`,
  "i",
)
const LONGEST = 32

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", shy: "", zwj: "", zwnj: "", num: "#", percnt: "%" },
  ...{ bsol: "\\", commat: "@", dollar: "$", excl: "!", lpar: "(", rpar: ")", period: ".", comma: ",", colon: ":" },
  ...{ newline: "\n", tab: "\t", zerowidthspace: "", szlig: "ss", semi: ";", sol: "/", lowbar: "_", hyphen: "-" },
}
const ACCENTED = /^([a-z])(?:grave|acute|circ|tilde|uml|cedil|ring|slash|caron|strok|breve|macr|ogon|dot)$/i
const CONTROL: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "", f: " " }

/** The text with its percent, HTML, JSON and JavaScript escapes replaced, where it has any. */
export const unescapeText: Decoder = (source) => {
  if (!/[%&\\]/.test(source)) return { texts: [], openFrom: source.length }
  const tail = Math.max(0, source.length - LONGEST)
  const open = OPEN.exec(source.slice(tail))
  const openFrom = open === null ? source.length : tail + open.index
  let text = ""
  const at: number[] = []
  let from = 0
  const keep = (to: number) => {
    for (let i = from; i < to; i++) at.push(i)
    text += source.slice(from, to)
  }
  for (const match of source.matchAll(ESCAPE)) {
    keep(match.index)
    from = match.index + match[0].length
    const bytes = match[2]
    if (bytes === undefined) {
      const meant = meaningOf(match)
      for (let k = 0; k < meant.length; k++) at.push(match.index)
      text += meant
    } else text += percentBytes(bytes, match.index, at)
  }
  if (from === 0) return { texts: [], openFrom }
  keep(source.length)
  return { texts: [{ text, at, reachesEnd: true }], openFrom }
}

function meaningOf(match: RegExpExecArray): string {
  const [whole, percentU, , decimal, hexadecimal, named, braced, unit, byte, single] = match
  const digits = percentU ?? hexadecimal ?? braced ?? unit ?? byte
  if (digits !== undefined) return fromPoint(Number.parseInt(digits, 16))
  if (decimal !== undefined) return fromPoint(Number.parseInt(decimal, 10))
  if (named !== undefined) return NAMED[named.toLowerCase()] ?? ACCENTED.exec(named)?.[1] ?? whole
  return single === undefined ? whole : (CONTROL[single.toLowerCase()] ?? single)
}

function fromPoint(point: number): string {
  return point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd"
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Decodes `%63%61`; each character stands where its first byte does. */
function percentBytes(escapes: string, from: number, at: number[]): string {
  const bytes = Uint8Array.from({ length: escapes.length / 3 }, (_, k) =>
    Number.parseInt(escapes.slice(3 * k + 1, 3 * k + 3), 16),
  )
  const text = utf8.decode(bytes)
  let byte = 0
  for (const character of text) {
    for (let k = 0; k < character.length; k++) at.push(from + 3 * byte)
    const first = bytes[byte] ?? 0
    byte = Math.min(
      bytes.length - 1,
      byte + (character === "\ufffd" || first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4),
    )
  }
  return text
}
