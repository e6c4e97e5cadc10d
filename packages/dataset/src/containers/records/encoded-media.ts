/**
 * Pictures and other media that a text carries as `data:` URLs or in base64, and a text of hexadecimal digits that is one.
 *
 * Source: RFC 2397 (`data:` URLs), RFC 4648 (base64 and its URL-safe letters).
 * @module
 */
import { SNIFF_BYTES, sniffMedia } from "@nightlight/core"

/** Where the letters of an encoded file are. */
export interface EncodedFile {
  readonly start: number
  readonly end: number
  /** Most bytes that it decodes to. */
  readonly sizeBytes: number
  /** Absent: base64. */
  readonly encoding?: "hex"
}

/** Fewest letters of a base64 string that is taken for a file; below lie pictures that show nothing. */
const LEAST_LETTERS = 160
const MAX_HEADER_BYTES = 256
const SCHEME = Buffer.from("data:")
const BASE64 = /;\s*base64$/i

const LETTER = 1
const BREAK = 2
const CLASSES = new Uint8Array(256)
for (const letter of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")) {
  CLASSES[letter] = LETTER
}
for (const letter of Buffer.from("\r\n")) CLASSES[letter] = BREAK
const PAD = 0x3d
const PERCENT = 0x25

/**
 * The media and archives that a text carries: those of all `data:` URLs in it, whatever type they claim, and those in
 * base64, whether that is all of the text or stands in it, as in JSON within a string. Fonts, texts and unknown bytes are
 * left to whoever reads the text.
 *
 * @param text - A string's content, escapes undone.
 */
export function* encodedFilesIn(text: Buffer): Generator<EncodedFile, void> {
  const hex = hexIn(text)
  if (hex !== undefined) {
    yield hex
    return
  }
  let rest = 0
  for (let at = text.indexOf(SCHEME); at !== -1; at = text.indexOf(SCHEME, at + 1)) {
    const start = payloadStart(text, at)
    if (start === undefined) continue
    const end = lettersEnd(text, start, true)
    yield* runsIn(text, rest, at)
    const span = spanOf(start, end)
    if (isMedia(text, span)) yield span
    rest = end
    at = Math.max(at, end - 1)
  }
  yield* runsIn(text, rest, text.length)
}

const HEX_PREFIX = /^(?:\\x|0x)?/i
/** Digits by which a text is taken for hexadecimal at first. */
const HEX_HEAD = /^[0-9a-f]{64}$/i
const HEX_DIGITS = /^[0-9a-f]+$/i

/** The file that a text of hexadecimal digits is, as databases write bytes: `\x89504e47...`. */
function hexIn(text: Buffer): EncodedFile | undefined {
  if (text.length < LEAST_LETTERS) return undefined
  const start = HEX_PREFIX.exec(text.toString("latin1", 0, 2))?.[0].length ?? 0
  if ((text.length - start) % 2 !== 0 || !HEX_HEAD.test(text.toString("latin1", start, start + 64))) return undefined
  const file = { start, end: text.length, sizeBytes: (text.length - start) / 2, encoding: "hex" as const }
  return isMedia(text, file) && HEX_DIGITS.test(text.toString("latin1", start)) ? file : undefined
}

/** The media in the runs of base64 letters in a part of a text. */
function* runsIn(text: Buffer, from: number, to: number): Generator<EncodedFile, void> {
  const part = text.subarray(0, to)
  const isAll = ({ start, end }: EncodedFile) => start === 0 && end === text.length
  // A run that is long enough covers one of these positions.
  for (let at = from + LEAST_LETTERS - 1; at < to; at += LEAST_LETTERS) {
    if (CLASSES[part[at] as number] === 0) continue
    let first = at
    while (first > from && CLASSES[part[first - 1] as number] !== 0) first--
    const end = lettersEnd(part, at, false)
    const file = lineStarts(part, first, end)
      .map((start) => spanOf(start, end))
      .find((span) => isMedia(part, span, isAll(span)))
    if (file !== undefined) yield file
    at = Math.max(at, end - 1)
    from = end
  }
}

/** Words before a run, each on a line of its own, look like letters of it. */
const MAX_WORDS = 8

/** Where a file may begin: at the start of a run, or of one of its first lines. */
function lineStarts(text: Buffer, first: number, end: number): readonly number[] {
  const starts: number[] = []
  for (let at = first; at <= end - LEAST_LETTERS && starts.length < MAX_WORDS; at++) {
    const isStart = at === first || CLASSES[text[at - 1] as number] === BREAK
    if (isStart && CLASSES[text[at] as number] === LETTER) starts.push(at)
    if (at - first > MAX_WORDS * LEAST_LETTERS) break
  }
  return starts
}

/** Decodes a file found by {@link encodedFilesIn}. */
export function decodeFile(text: Buffer, { start, end, encoding }: EncodedFile): Buffer {
  const letters = text.toString("latin1", start, end)
  if (encoding === "hex") return Buffer.from(letters, "hex")
  return Buffer.from(letters.includes("%") ? unescapePercent(letters) : letters, "base64")
}

function spanOf(start: number, end: number): EncodedFile {
  return { start, end, sizeBytes: Math.ceil(((end - start) * 3) / 4) }
}

function payloadStart(text: Buffer, at: number): number | undefined {
  const comma = text.subarray(at, at + MAX_HEADER_BYTES).indexOf(0x2c)
  if (comma === -1) return undefined
  return BASE64.test(text.toString("latin1", at, at + comma)) ? at + comma + 1 : undefined
}

function lettersEnd(text: Buffer, start: number, mayEscape: boolean): number {
  let end = start
  while (end < text.length) {
    const byte = text[end] as number
    if (CLASSES[byte] !== 0 || byte === PAD) end++
    else if (mayEscape && byte === PERCENT) end += 3
    else break
  }
  return Math.min(end, text.length)
}

/** Letters that the first bytes of a file take, escaped or not. */
const HEAD_LETTERS = 4 * SNIFF_BYTES

/**
 * Whether the first bytes are those of a picture, video, sound, document, array or archive.
 *
 * @param isStated - Whether the text says that it is a file. Signatures and keys are letters too, and one in thousands
 * begins as a sound does.
 */
function isMedia(text: Buffer, file: EncodedFile, isStated = true): boolean {
  const { start, end, sizeBytes } = file
  const head = decodeFile(text, { ...file, end: Math.min(end, start + HEAD_LETTERS) })
  const { kind, mediaType } = sniffMedia(head.subarray(0, SNIFF_BYTES), sizeBytes)
  if (kind === "opaque") return isStated && MEDIA_TYPE.test(mediaType)
  return kind !== "unknown" && (kind !== "text" || mediaType === "image/svg+xml")
}

const MEDIA_TYPE = /^(?:image|video|audio)\/|^application\/pdf$/

function unescapePercent(letters: string): string {
  return letters.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
