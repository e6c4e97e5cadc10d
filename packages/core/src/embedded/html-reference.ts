import { DecodingMode, HtmlEntityDecoder } from "entities/decode"

/** The meaning of a character reference, and its length in code units. */
export interface HtmlReference {
  readonly meaning: string
  readonly length: number
}

let points: number[] = []
let used = 0
const decoder = new HtmlEntityDecoder((point, consumed) => {
  points.push(point)
  used = consumed
})

/**
 * Reads the reference that begins with the `&` at a position, as a browser does in text: any name of the standard,
 * including the old names without a semicolon, and numbers of any length.
 *
 * Source: HTML Standard, 13.2.5.72 to 13.2.5.80.
 */
export function readHtmlReference(text: string, offset: number): HtmlReference | undefined {
  points = []
  used = 0
  decoder.startEntity(DecodingMode.Legacy)
  if (decoder.write(text, offset + 1) < 0) decoder.end()
  return points.length === 0 ? undefined : { meaning: String.fromCodePoint(...points), length: used }
}

/** Position of a reference that the end of the text may have cut off; the text's length where there is none. */
export function openHtmlReference(text: string): number {
  const offset = text.lastIndexOf("&")
  if (offset === -1) return text.length
  const isNumber = text.charCodeAt(offset + 1) === 0x23
  if (!isNumber && text.length - offset > LONGEST_NAME) return text.length
  return OPEN.test(text.slice(offset)) ? offset : text.length
}

/** Length of the longest name in code units, including `&` and semicolon. */
const LONGEST_NAME = 34
const OPEN = /^&(?:#(?:\d*|[xX][0-9a-fA-F]*)|[a-zA-Z][a-zA-Z0-9]*)?$/
