import type { Budget } from "./budget.ts"

/** A document with fewer characters contains no picture. */
const MIN_DOCUMENT_CHARS = 32

/** The minimum where more may follow, because released text cannot be searched again together with it. */
const MIN_OPEN_CHARS = 5

/** Bytes to read first: most candidates end within them and are not read again. */
const HEAD_BYTES = 64

/** Fewest characters of a document in a code. */
export function minDocumentChars(mayGoOn: boolean): number {
  return mayGoOn ? MIN_OPEN_CHARS : MIN_DOCUMENT_CHARS
}

/** A text in bytes. */
export interface TextInBytes {
  readonly text: string
  readonly bytesPerUnit: 1 | 2
  /** Whether it extends to the last byte. */
  readonly reachesEnd: boolean
}

/**
 * Decodes the text at the beginning of bytes: UTF-8, or UTF-16 recognised by its mark or its zeros. A few invalid bytes
 * do not end a text: they may be letters of another encoding, or may be there to hide the rest.
 */
function textAt(bytes: Uint8Array): TextInBytes | undefined {
  const encoding = encodingOf(bytes)
  if (encoding === undefined) return undefined
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes)
  const end = endOf(text)
  return { text: text.slice(0, end), bytesPerUnit: encoding === "utf-8" ? 1 : 2, reachesEnd: end === text.length }
}

/**
 * Decodes the text at the beginning of bytes, reading at most a few times as many bytes as the text has.
 *
 * @param read - returns this many bytes; called with at most `most`.
 */
export function readTextAt(read: (bytes: number) => Uint8Array, most: number, budget: Budget): TextInBytes | undefined {
  for (let count = HEAD_BYTES; ; count *= 8) {
    const bytes = read(Math.min(count, most))
    budget.steps -= bytes.length
    const text = textAt(bytes)
    if (text?.reachesEnd !== true || count >= most || budget.steps < 0) return text
  }
}

/** Whether the first few bytes look like the beginning of a text; few random bytes do. */
export function beginsAsWords(bytes: Uint8Array): boolean {
  const encoding = encodingOf(bytes)
  if (encoding === undefined) return false
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes)
  return (text.match(NO_TEXT)?.length ?? 0) <= MAX_ODD_FIRST
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that no text contains
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]/g

/**
 * More of these characters within {@link ODD_WITHIN} characters are not text: in random bytes, half the characters are
 * odd.
 */
const MAX_ODD = 15
const ODD_WITHIN = 48

/** Most odd characters among the first few characters. */
const MAX_ODD_FIRST = 2

/** The end of the text: before the first of several odd characters close together. */
function endOf(text: string): number {
  const odd: number[] = []
  NO_TEXT.lastIndex = 0
  for (let match = NO_TEXT.exec(text); match !== null; match = NO_TEXT.exec(text)) {
    odd.push(match.index)
    const first = odd[odd.length - 1 - MAX_ODD]
    if (first !== undefined && match.index - first < ODD_WITHIN) return first
  }
  return text.length
}

function encodingOf([first = 0, second = 0, third = 0, fourth = 0]: Uint8Array) {
  if (first === 0xff && second === 0xfe) return "utf-16le"
  if (first === 0xfe && second === 0xff) return "utf-16be"
  if (isPrintable(first) && second === 0 && isPrintable(third) && fourth === 0) return "utf-16le"
  if (first === 0 && isPrintable(second) && third === 0 && isPrintable(fourth)) return "utf-16be"
  return mayBeText(first, second, third) ? "utf-8" : undefined
}

/** Whether three bytes may begin a text. */
export function mayBeText(first: number, second: number, third: number): boolean {
  if (first >= 0xc2 && first < 0xf5) return isContinuation(second) && (first < 0xe0 || isContinuation(third))
  if (first >= 0xfe) return second >= 0xfe
  if (first === 0) return isPrintable(second) && third === 0
  if (!isPrintable(first)) return false
  return second === 0 ? isPrintable(third) : isPrintable(second) && (isPrintable(third) || third >= 0xc2)
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d)
}

/** Whether a byte continues a multi-byte character. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
