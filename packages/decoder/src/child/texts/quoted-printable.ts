/**
 * Quoted-printable (RFC 2045, 6.7), a mail encoding for any bytes.
 * @module
 */

/** A soft line break, in mail and in mail inside JSON. */
const BREAK = String.raw`=[ \t]*(?:\r?\n|(?:\\r)?\\n)`
const PIECE = new RegExp(`${BREAK}|=([0-9A-Fa-f]{2})`, "g")
/** Fewest escapes that count as encoded bytes; fewer may be numbers after equals signs. */
const LEAST_ESCAPES = 20

/** The beginning of an escape or of a soft line break, at the very end. */
const OPEN = /=(?:[0-9A-Fa-f]|[ \t]{0,8}(?:\\r?|\\r\\|\r)?)$/

/** A text decoded from quoted-printable. */
export interface Unquoted {
  readonly text: string
  /** Position of a code unit in the source; for the text's end, the position from which an escape may be incomplete. */
  readonly positionOf: (place: number) => number
}

/**
 * Decodes a text that looks like quoted-printable: escapes become characters of their bytes, and lines are joined.
 * Headers are not used, because they vary or may be elsewhere.
 *
 * @returns `undefined` where it does not look like it.
 */
export function undoQuotedPrintable(source: string): Unquoted | undefined {
  if (!mayBeQuoted(source)) return undefined
  const positions = new Int32Array(source.length)
  const parts: string[] = []
  let length = 0
  let from = 0
  const keep = (to: number) => {
    for (let place = from; place < to; place++) positions[length++] = place
    parts.push(source.slice(from, to))
  }
  for (const { index, 0: whole, 1: digits } of source.matchAll(PIECE)) {
    keep(index)
    from = index + whole.length
    if (digits === undefined) continue
    positions[length++] = index
    parts.push(String.fromCharCode(Number.parseInt(digits, 16)))
  }
  keep(source.length)
  const open = OPEN.exec(source.slice(-16))
  const end = open === null ? source.length : source.length - open[0].length
  return {
    text: parts.join(""),
    positionOf: (place) => Math.min(end, place < length ? (positions[place] as number) : end),
  }
}

function mayBeQuoted(source: string): boolean {
  if (!source.includes("=")) return false
  let escapes = 0
  for (const { 1: digits } of source.matchAll(PIECE)) {
    if (digits === undefined || ++escapes >= LEAST_ESCAPES) return true
  }
  return false
}
