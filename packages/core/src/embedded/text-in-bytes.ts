/** A document in fewer characters holds no picture. */
const MIN_DOCUMENT_CHARS = 32
/** The same where more may follow: what is released cannot be looked at again with it. */
const MIN_OPEN_CHARS = 5
/** Characters that are read first: most of what may be a text ends within them, and is not read again. */
export const HEAD_CHARS = 64

/** Fewest characters of a document in a code that may go on, or may not. */
export function minDocumentChars(mayGoOn: boolean): number {
  return mayGoOn ? MIN_OPEN_CHARS : MIN_DOCUMENT_CHARS
}

/** A text in bytes. */
export interface TextInBytes {
  readonly text: string
  readonly bytesPerUnit: 1 | 2
}

/**
 * The text that bytes begin as: UTF-8, or UTF-16 by its mark or its zeros, up to the first byte that no text has.
 *
 * @returns `undefined` where it is shorter than `minChars`.
 */
export function textAt(bytes: Uint8Array, minChars: number): TextInBytes | undefined {
  const encoding = encodingOf(bytes)
  if (encoding === undefined) return undefined
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes)
  const end = text.search(NO_TEXT)
  const own = end === -1 ? text : text.slice(0, end)
  return own.length < minChars ? undefined : { text: own, bytesPerUnit: encoding === "utf-8" ? 1 : 2 }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a text does not hold
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]/

function encodingOf([first = 0, second = 0, third = 0, fourth = 0]: Uint8Array) {
  if (first === 0xff && second === 0xfe) return "utf-16le"
  if (first === 0xfe && second === 0xff) return "utf-16be"
  if (isPrintable(first) && second === 0 && isPrintable(third) && fourth === 0) return "utf-16le"
  if (first === 0 && isPrintable(second) && third === 0 && isPrintable(fourth)) return "utf-16be"
  return mayBeText(first, second, third) ? "utf-8" : undefined
}

/** Whether three bytes may begin a text. */
export function mayBeText(first: number, second: number, third: number): boolean {
  if (first === 0xef) return second === 0xbb && third === 0xbf
  if (first >= 0xfe) return second >= 0xfe
  if (first === 0) return isPrintable(second) && third === 0
  if (!isPrintable(first)) return false
  return second === 0 ? isPrintable(third) : isPrintable(second) && (isPrintable(third) || third >= 0xc2)
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d)
}
