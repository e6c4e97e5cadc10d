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
  TELLING,
} from "./first-bytes.ts"
import { type HexRun, hexRuns } from "./hex-runs.ts"
import { beginsAsIcon, hasIconEntry } from "./icon-entries.ts"
import { MIN_PICTURE_BYTES, pictureAt } from "./picture-head.ts"
import type { PictureSink, PictureView } from "./picture-view.ts"
import { beginsAsWords, mayBeText, minDocumentChars, readTextAt } from "./text-in-bytes.ts"

/** Finds pictures in hexadecimal, from any position in a run, and documents at the beginning of a run or word. */
export function hexPictures(view: PictureView, sink: PictureSink): void {
  hexRuns(view.text, 2 * MIN_PICTURE_BYTES, (run) => {
    const { nibbles, size } = run
    let window = 0
    let coveredTo = 0
    for (let k = 0; k < size; k++) {
      window = ((window << 4) | (nibbles[k] as number)) & 0xffffff
      const place = k - 5
      if (place < coveredTo || place < 0) continue
      if (!TELLING.has(window) && !(isWordStart(run, place) && mayBegin(window >>> 12))) continue
      if (sink.budget.steps < 0) return
      coveredTo = Math.max(coveredTo, readPicture(run, place, view, sink))
    }
    readDocuments(run, view, sink)
    if (run.reachesEnd && view.reachesEnd) holdTail(run, view, sink)
  })
}

/** @returns the end of the picture, in digits; 0 where there is none or its end is unknown. */
function readPicture(run: HexRun, place: number, view: PictureView, sink: PictureSink): number {
  const { size, positions, reachesEnd } = run
  const mayGoOn = reachesEnd && view.reachesEnd
  const from = view.positionOf(positions[place] as number)
  const head = bytesOf(run, place, Math.min(size, place + 2 * SIGNATURE_BYTES))
  sink.budget.steps -= SIGNATURE_STEPS
  const isShort = hasShortSignature(head) && (place > 0 || size < 2 * MIN_UNTOLD_BYTES)
  const isBeginning = hasSignature(head) && !isShort && !isNoIcon(run, place, head, sink.budget)
  const bytes = isBeginning ? bytesOf(run, place, size) : head
  if (bytes !== head) sink.budget.steps -= bytes.length
  const picture = isBeginning ? pictureAt(bytes, sink.budget) : undefined
  if (picture === undefined) {
    if (mayGoOn && mayBecomePicture(bytes, (size - place) / 2)) sink.open(from)
    return 0
  }
  const { mediaType, shows, end } = picture
  const ownEnd = end === undefined ? size : place + 2 * end
  // Deliberately repeats the code for base64, because each step counts different digits.
  const isOpen = mayGoOn && ownEnd >= size
  if (isOpen) sink.open(from)
  sink.found({
    bytes: end === undefined ? bytes : bytes.subarray(0, end),
    mediaType,
    position: from,
    end: view.positionOf((positions[ownEnd - 1] as number) + 1),
    shows,
    isWhole: end !== undefined,
    reachesEnd: isOpen,
  })
  return end === undefined ? 0 : ownEnd
}

function isNoIcon({ nibbles, size }: HexRun, place: number, head: Uint8Array, budget: Budget): boolean {
  if (!beginsAsIcon(head)) return false
  const byteAt = (offset: number) =>
    ((nibbles[place + 2 * offset] as number) << 4) | (nibbles[place + 2 * offset + 1] as number)
  return !hasIconEntry({ byteAt, sizeBytes: (size - place) >> 1 }, budget)
}

/** Whether no other digit directly precedes it. */
function isWordStart({ positions }: HexRun, place: number): boolean {
  return place === 0 || positions[place] !== (positions[place - 1] as number) + 1
}

/** Documents begin with a word, or at one of the first two digits, because the text may have been cut before it. */
function readDocuments(run: HexRun, view: PictureView, sink: PictureSink): void {
  let coveredTo = 0
  const minChars = minDocumentChars(run.reachesEnd && view.reachesEnd)
  for (let place = 0; place + 2 * minChars <= run.size; place++) {
    if (place < coveredTo || !(place === 1 || isWordStart(run, place))) continue
    if (sink.budget.steps < 0) return
    coveredTo = Math.max(coveredTo, readDocument({ run, place, minChars }, view, sink))
  }
}

/** @returns the end of the document, in digits; 0 where none begins. */
function readDocument(
  { run, place, minChars }: { readonly run: HexRun; readonly place: number; readonly minChars: number },
  view: PictureView,
  sink: PictureSink,
): number {
  const { size } = run
  sink.budget.steps -= 1
  const [a = 0, b = 0, c = 0] = bytesOf(run, place, place + 6)
  if (!mayBeText(a, b, c) || !beginsAsWords(bytesOf(run, place, Math.min(size, place + 24)))) return 0
  const read = (bytes: number) => bytesOf(run, place, Math.min(size, place + 2 * bytes))
  const found = readTextAt(read, (size - place) >> 1, sink.budget)
  if (found === undefined || found.text.length < minChars) return 0
  const { text, bytesPerUnit, reachesEnd } = found
  const end = reachesEnd ? size : place + 2 * text.length * bytesPerUnit
  const places = run.positions.slice(place, Math.min(size, end + 8))
  const mayGoOn = reachesEnd && run.reachesEnd && view.reachesEnd
  // Half a byte belongs to the following text.
  if (mayGoOn && (size - place) % 2 === 1) sink.open(view.positionOf(run.positions[size - 1] as number))
  sink.document({
    text,
    reachesEnd: mayGoOn,
    depth: view.depth + 1,
    positionOf: (unit) => view.positionOf(places[Math.min(places.length - 1, 2 * unit * bytesPerUnit)] as number),
  })
  return end
}

function bytesOf({ nibbles }: HexRun, from: number, to: number): Uint8Array {
  return Uint8Array.from(
    { length: (to - from) >> 1 },
    (_, k) => ((nibbles[from + 2 * k] as number) << 4) | (nibbles[from + 2 * k + 1] as number),
  )
}

/** Holds back digits at the very end that may begin a picture. */
function holdTail({ nibbles, size, positions }: HexRun, view: PictureView, sink: PictureSink): void {
  let held = size <= 5 ? size : 0
  let bits = 0
  for (let length = 1; length <= 5 && length <= size; length++) {
    bits |= (nibbles[size - length] as number) << (4 * (length - 1))
    if (isTellingStart(bits, 4 * length)) held = Math.max(held, length)
  }
  if (held > 0) sink.open(view.positionOf(positions[size - held] as number))
}
