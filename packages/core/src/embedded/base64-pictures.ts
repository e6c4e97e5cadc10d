import { type Base64Run, base64Runs } from "./base64-runs.ts"
import type { Budget } from "./budget.ts"
import {
  hasShortSignature,
  hasSignature,
  isTellingStart,
  MIN_UNTOLD_BYTES,
  mayBecomePicture,
  mayBegin,
  SIGNATURE_BYTES,
  SIGNATURE_STEPS,
} from "./first-bytes.ts"
import { beginsAsIcon, hasIconEntry } from "./icon-entries.ts"
import { MIN_PICTURE_BYTES, pictureAt } from "./picture-head.ts"
import type { PictureSink, PictureView } from "./picture-view.ts"
import { beginsAsWords, mayBeText, minDocumentChars, readTextAt } from "./text-in-bytes.ts"

const MIN_DIGITS = Math.ceil((MIN_PICTURE_BYTES * 4) / 3)

/** Digits to read first: most words are not texts, which their first bytes show. */
const SHORT_DIGITS = 16

/** Finds pictures and documents in base64, in either alphabet, across white space and from any position. */
export function base64Pictures(view: PictureView, sink: PictureSink): void {
  base64Runs(view.text, MIN_DIGITS, (run) => {
    readPictures(run, view, sink)
    readDocuments(run, view, sink)
    if (run.reachesEnd && view.reachesEnd) holdTail(run, view, sink)
  })
}

function readPictures(run: Base64Run, view: PictureView, sink: PictureSink): void {
  const { digits, size, words, wordCount, magics } = run
  let coveredTo = 0
  let magic = 0
  let word = 0
  while (magic < magics.length || word < wordCount) {
    const nextMagic = magic < magics.length ? (magics[magic] as number) : size
    const nextWord = word < wordCount ? (words[word] as number) : size
    const place = Math.min(nextMagic, nextWord)
    const isWord = place === nextWord
    if (isWord) word++
    if (place === nextMagic) magic++
    else if (!mayBegin(((digits[place] as number) << 6) | (digits[place + 1] as number))) continue
    if (sink.budget.steps < 0) return
    coveredTo = Math.max(coveredTo, readPicture(run, { place, isWord, coveredTo }, view, sink))
  }
}

interface Candidate {
  readonly place: number
  /** Whether a word of the run begins here. */
  readonly isWord: boolean
  /** Where the preceding pictures end. */
  readonly coveredTo: number
}

/** @returns the end of the picture, in digits; 0 where there is none or its end is unknown. */
function readPicture(
  run: Base64Run,
  { place, isWord, coveredTo }: Candidate,
  view: PictureView,
  sink: PictureSink,
): number {
  const { size, reachesEnd } = run
  const mayGoOn = reachesEnd && view.reachesEnd
  const head = bytesOf(run, place, Math.min(size, place + (SIGNATURE_BYTES * 4) / 3))
  sink.budget.steps -= SIGNATURE_STEPS
  const isBeginning = hasSignature(head) && !isNoIcon(run, place, head, sink.budget)
  const bytes = isBeginning ? bytesOf(run, place, size) : head
  if (bytes !== head) sink.budget.steps -= bytes.length
  const mayBe = isBeginning && (!hasShortSignature(bytes) || isCode(run, place, view))
  const picture = mayBe ? pictureAt(bytes, sink.budget) : undefined
  if (picture === undefined) {
    if (mayGoOn && mayBecomePicture(bytes, ((size - place) * 3) / 4)) sink.open(view.positionOf(run.positionOf(place)))
    return 0
  }
  const { mediaType, shows, end } = picture
  const ownEnd = end === undefined ? size : place + Math.ceil((end * 4) / 3)
  const textEnd = isWord && end !== undefined ? endOfWords(run, ownEnd) : ownEnd
  // A thumbnail within a picture belongs to it; a picture that ends at a word's end may be another one.
  if (place < coveredTo && !(isWord && end !== undefined && textEnd === ownEnd)) return 0
  const isOpen = mayGoOn && textEnd >= size
  const own = textEnd >= size ? bytes : bytes.subarray(0, Math.floor(((textEnd - place) * 3) / 4))
  const from = view.positionOf(run.positionOf(place))
  if (isOpen) sink.open(from)
  sink.found({
    bytes: own,
    mediaType,
    position: from,
    end: view.positionOf(run.positionOf(Math.min(textEnd, size) - 1) + 1),
    shows,
    isWhole: end !== undefined,
    reachesEnd: isOpen,
  })
  return end === undefined ? 0 : ownEnd
}

function isNoIcon({ digits, size }: Base64Run, place: number, head: Uint8Array, budget: Budget): boolean {
  if (!beginsAsIcon(head)) return false
  const byteAt = (offset: number) => {
    const digit = place + Math.floor((offset * 4) / 3)
    const bits = ((digits[digit] as number) << 6) | (digits[digit + 1] as number)
    return (bits >> (4 - 2 * (offset % 3))) & 0xff
  }
  return !hasIconEntry({ byteAt, sizeBytes: Math.floor(((size - place) * 3) / 4) }, budget)
}

/**
 * Whether digits are labelled as base64, or begin a run and are not words, because they include capitals and numbers.
 */
function isCode(run: Base64Run, place: number, { text }: PictureView): boolean {
  const from = run.positionOf(place)
  if (/;\s*base64,\s*$/i.test(text.slice(Math.max(0, from - 24), from))) return true
  if (place > 0 || run.size < (MIN_UNTOLD_BYTES * 4) / 3) return false
  let capitals = 0
  let numbers = 0
  const sample = run.digits.subarray(place, Math.min(run.size, place + 96))
  for (const digit of sample) {
    if (digit < 26) capitals++
    else if (digit >= 52 && digit < 62) numbers++
  }
  return capitals * 6 > sample.length && numbers * 24 > sample.length
}

/**
 * The end of the words that contain a picture: the end of the word with its last byte or, in lines of equal length, the
 * end of the last such line and a following shorter one, because bytes may follow a picture's end.
 */
function endOfWords({ words, wordCount, size }: Base64Run, end: number): number {
  const startOf = (word: number) => (word < wordCount ? (words[word] as number) : size)
  let low = 0
  let high = wordCount - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (startOf(middle) < end) low = middle
    else high = middle - 1
  }
  const lengthOf = (word: number) => startOf(word + 1) - startOf(word)
  let last = low
  const line = lengthOf(last)
  if (last > 0 && lengthOf(last - 1) === line) {
    while (last + 1 < wordCount && lengthOf(last + 1) === line) last++
    if (last > low && last + 1 < wordCount && lengthOf(last + 1) < line) last++
  }
  return startOf(last + 1)
}

function bytesOf({ digits }: Base64Run, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(((to - from) * 3) / 4))
  let length = 0
  for (let i = from; i + 1 < to; i += 4) {
    const b = digits[i + 1] as number
    bytes[length++] = ((digits[i] as number) << 2) | (b >> 4)
    if (i + 2 >= to) break
    const c = digits[i + 2] as number
    bytes[length++] = (b << 4) | (c >> 2)
    if (i + 3 < to) bytes[length++] = (c << 6) | (digits[i + 3] as number)
  }
  return bytes
}

/**
 * Documents begin with a word, or at any of the first four digits of a run, because the text may have been cut before
 * it.
 */
function readDocuments(run: Base64Run, view: PictureView, sink: PictureSink): void {
  const { digits, size, words, wordCount } = run
  const minChars = minDocumentChars(run.reachesEnd && view.reachesEnd)
  if (size < (minChars * 4) / 3) return
  let coveredTo = 0
  const readAt = (place: number) => {
    if (place < coveredTo || size - place < (minChars * 4) / 3 || !beginsAsText(digits, place)) return
    sink.budget.steps -= SHORT_DIGITS
    if (!beginsAsWords(bytesOf(run, place, Math.min(size, place + SHORT_DIGITS)))) return
    const most = Math.floor(((size - place) * 3) / 4)
    const read = (bytes: number) => bytesOf(run, place, Math.min(size, place + Math.ceil((bytes * 4) / 3)))
    const found = readTextAt(read, most, sink.budget)
    if (found === undefined || found.text.length < minChars || sink.budget.steps < 0) return
    const { text, bytesPerUnit, reachesEnd } = found
    coveredTo = reachesEnd ? size : place + Math.floor((text.length * bytesPerUnit * 4) / 3)
    const positionOf = run.keepPositions()
    const mayGoOn = reachesEnd && run.reachesEnd && view.reachesEnd
    // Digits of an incomplete byte belong to the following text.
    const rest = (size - place) % 4
    if (mayGoOn && rest > 0) sink.open(view.positionOf(run.positionOf(size - rest)))
    sink.document({
      text,
      reachesEnd: mayGoOn,
      depth: view.depth + 1,
      // Multi-byte characters make the position too early, never too late.
      positionOf: (unit) =>
        view.positionOf(positionOf(Math.min(size - 1, place + Math.floor((unit * bytesPerUnit) / 3) * 4))),
    })
  }
  for (let shift = 0; shift < 4; shift++) readAt(shift)
  for (let word = 1; word < wordCount; word++) readAt(words[word] as number)
}

function beginsAsText(digits: Uint8Array, place: number): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = digits.subarray(place, place + 4)
  return mayBeText((a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d)
}

/** Holds back digits at the very end that may begin a picture. */
function holdTail(run: Base64Run, view: PictureView, sink: PictureSink): void {
  const { digits, size, words, wordCount } = run
  let held = (words[wordCount - 1] as number) >= size - 1 ? 1 : 0
  let bits = 0
  for (let length = 1; length <= 3 && length <= size; length++) {
    bits |= (digits[size - length] as number) << (6 * (length - 1))
    if (isTellingStart(bits, 6 * length)) held = length
  }
  // Boxes begin with the zeros of a size, before their signature.
  for (let length = 3; length <= 7 && length <= size; length++) {
    if (isZero(digits, size - length, Math.min(4, length))) held = length
  }
  if (held > 0) sink.open(view.positionOf(run.positionOf(size - held)))
}

function isZero(digits: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (digits[i] !== 0) return false
  return true
}
