import { BASE64_VALUES, OTHER } from "./base64-digits.ts"
import { base64Runs } from "./base64-runs.ts"
import { bytesToTexts } from "./bytes-to-texts.ts"
import type { Decoded, Decoder } from "./decoded.ts"
import { createScratch } from "./scratch.ts"
import { BLANK, unseenKind, unseenUnits } from "./unseen.ts"

const sextetRoom = createScratch()
const byteRoom = createScratch()

/** Shorter runs are words. */
const MIN_RUN = 8
/**
 * Texts in base64, in either alphabet, over line breaks and what cannot be seen, beginning anywhere in a run: all four alignments are read, so a
 * word before the code does not hide it.
 */
export const base64: Decoder = (source) => {
  const texts: Decoded[] = []
  let openFrom = source.length
  const { bytes: sextets, at } = sextetRoom(source.length)
  let size = 0
  const end = (reachesEnd: boolean) => {
    if (size >= MIN_RUN || (reachesEnd && size > 0)) {
      for (let shift = 0; shift < 4 && shift < size; shift++) {
        openFrom = Math.min(openFrom, readRun({ sextets, at, size, reachesEnd }, shift, texts) ?? openFrom)
      }
    }
    size = 0
  }
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i)
    const value = code < 0x80 ? (BASE64_VALUES[code] as number) : OTHER
    if (value < 64) {
      sextets[size] = value
      at[size++] = i
    } else if (size > 0 && code !== 0x0a && code !== 0x0d) {
      const unseen = code < 0x80 || unseenKind(code) === BLANK ? 0 : unseenUnits(source, i)
      if (unseen === 0) end(false)
      else i += unseen - 1
    }
  }
  end(true)
  readGroups(source, texts)
  return { texts, openFrom }
}

/** Texts in groups of digits with white space between, of any size: from the first digit that begins one to where it ends. */
function readGroups(source: string, texts: Decoded[]): void {
  if (!APART.test(source)) return
  base64Runs(source, MIN_RUN, ({ digits, size, words, wordCount, reachesEnd, at: positionOf }) => {
    // A word before the code may by chance read as text in another alignment: what that covers hides nothing of this one.
    const coveredTo = [0, 0, 0, 0]
    for (let word = 0; word + 1 < wordCount; word++) {
      const place = words[word] as number
      if (place < (coveredTo[place & 3] as number)) continue
      const length = textBytes(digits, place, size)
      const end = place + Math.floor((length * 4) / 3)
      // Within one word it is found without this.
      if (length < MIN_GROUPED_BYTES || end < (words[word + 1] as number)) continue
      coveredTo[place & 3] = end
      const { bytes, at } = byteRoom(length)
      for (let k = 0; k < length; k++) {
        bytes[k] = byteAt(digits, place, k)
        at[k] = positionOf(place + Math.floor(k / 3) * 4)
      }
      const toEnd = reachesEnd && end + 2 >= size
      bytesToTexts({ bytes, at, length, reachesEnd: toEnd, tentative: false }, texts)
      // Words before the code, read as its beginning, may put a letter before it: behind bytes that are no ASCII it is
      // also read from the next word on.
      let [from, isAscii] = [0, true]
      const take = (to: number, isLast: boolean) => {
        if (to - from < MIN_GROUPED_BYTES && !isLast) return
        const [some, places] = [bytes.subarray(from, to), at.subarray(from, to)]
        bytesToTexts({ bytes: some, at: places, length: to - from, reachesEnd: isLast, tentative: false }, texts)
      }
      let k = 0
      for (let next = word + 1; next < wordCount && (words[next] as number) < end; next++) {
        const digitsBefore = (words[next] as number) - place
        if (digitsBefore % 4 !== 0) continue
        const to = (digitsBefore / 4) * 3
        while (isAscii && k < to) isAscii = (bytes[k++] as number) < 0x80
        if (isAscii || to >= length) continue
        take(to, false)
        ;[from, k, isAscii] = [to, to, true]
      }
      if (from > 0) take(length, toEnd)
    }
  })
}

/** Digits with white space of any alphabet between them, but line breaks. */
const APART = /[\w+/-][^\S\r\n]+[\w+/-]/

/** Shorter ones are chance. */
const MIN_GROUPED_BYTES = 4

/** How many bytes from a place on may be of a text. */
function textBytes(digits: Uint8Array, place: number, size: number): number {
  const most = Math.floor(((size - place) * 3) / 4)
  let length = 0
  while (length < most && isTextByte(byteAt(digits, place, length))) length++
  return length
}

function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f && byte < 0xf5) || (byte >= 0x09 && byte <= 0x0d)
}

function byteAt(digits: Uint8Array, place: number, k: number): number {
  const i = place + Math.floor(k / 3) * 4 + (k % 3)
  const two = ((digits[i] as number) << 6) | (digits[i + 1] as number)
  return (two >> (4 - 2 * (k % 3))) & 0xff
}

interface Run {
  readonly sextets: Uint8Array
  readonly at: Int32Array
  readonly size: number
  readonly reachesEnd: boolean
}

/** Reads a run from an offset. @returns the position of what the end cut off. */
function readRun({ sextets, at, size, reachesEnd }: Run, shift: number, texts: Decoded[]): number | undefined {
  const sized = size - shift
  const { bytes, at: places } = byteRoom(Math.ceil((sized * 3) / 4))
  let length = 0
  for (let i = shift; i + 1 < size; i += 4) {
    const a = sextets[i] as number
    const b = sextets[i + 1] as number
    const c = i + 2 < size ? (sextets[i + 2] as number) : undefined
    const d = i + 3 < size ? (sextets[i + 3] as number) : undefined
    const from = at[i] as number
    places[length] = from
    bytes[length++] = (a << 2) | (b >> 4)
    if (c === undefined) break
    places[length] = from
    bytes[length++] = ((b & 15) << 4) | (c >> 2)
    if (d === undefined) break
    places[length] = from
    bytes[length++] = ((c & 3) << 6) | d
  }
  const cut = bytesToTexts({ bytes, at: places, length, reachesEnd, tentative: size < MIN_RUN }, texts)
  if (!reachesEnd) return undefined
  const rest = sized % 4
  return cut ?? (rest === 0 ? undefined : at[size - rest])
}
