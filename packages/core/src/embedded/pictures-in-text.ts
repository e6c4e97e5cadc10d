/**
 * Finds pictures in a text in any encoding and under any label: in base64, hexadecimal, percent escapes or as a byte
 * string; inside HTML, JSON, percent and JavaScript escapes; and in a document that is itself encoded in one of these
 * ways.
 * @module
 */
import { base64Pictures } from "./base64-pictures.ts"
import { binaryPictures } from "./binary-pictures.ts"
import type { Budget } from "./budget.ts"
import { type Decoded, textsBefore } from "./decoded.ts"
import { hexPictures } from "./hex-pictures.ts"
import { joinStrings } from "./joined-strings.ts"
import type { PictureInText, PictureSink, PictureView } from "./picture-view.ts"
import { undoPercent, unescapeBytes } from "./unescape.ts"

/** Result of {@link picturesInText}. */
export interface PicturesInText {
  /** In no order. */
  readonly pictures: readonly PictureInText[]
  /** Whether the text exceeded the limits, so that it was not searched completely and must not pass. */
  readonly isTooMuch: boolean
  /** Position from which a picture may be incomplete if the text continues; the text's length where none may be. */
  readonly openFrom: number
  /** Work done, in units of about one character; linear in the text. */
  readonly steps: number
}

/** Limits of {@link picturesInText}. */
export interface PictureLimits {
  /** Most pictures of one text that show something, counting equal ones once; further ones are left out. */
  readonly maxPictures: number
}

/** Most nested escapes and codes that are decoded; deeper nesting is too much. */
export const MAX_NESTING = 32

/**
 * Steps allowed for each character, and in addition. Each view takes four; source code with many escapes takes up to 46
 * in total.
 */
const STEPS_PER_CHAR = 72
const STEPS_BESIDES = 100_000
const DEFAULT_LIMITS: PictureLimits = { maxPictures: 64 }

/** Finds every picture in a text, in time linear in the text. */
export function picturesInText(text: string, limits: PictureLimits = DEFAULT_LIMITS): PicturesInText {
  const total = STEPS_BESIDES + STEPS_PER_CHAR * text.length
  const budget: Budget = { steps: total }
  const found = new Map<number, PictureInText[]>()
  const seen = new Set<string>()
  const searched = new SearchedViews()
  const byteRanges: (readonly [number, number])[] = []
  const counted = new DistinctPictures()
  let openFrom = text.length
  const undone: PictureView[] = []
  const views: PictureView[] = [{ text, reachesEnd: true, depth: 0, positionOf: (place) => place }]
  const sink: PictureSink = {
    budget,
    found: (picture) => {
      const others = found.get(picture.position) ?? []
      if (others.some((other) => isBeginningOf(picture, other))) return
      found.set(picture.position, [...others.filter((other) => !isBeginningOf(other, picture)), picture])
      if (picture.shows && counted.count <= limits.maxPictures) counted.add(picture.bytes)
      if (picture.isWhole && picture.isBytes === true) byteRanges.push([picture.position, picture.end])
    },
    isWithinBytes: (position) => byteRanges.some(([from, to]) => position >= from && position < to),
    document: (view) => {
      // Unescaping around a document does not change the document, so it is searched only once.
      const key = `${view.positionOf(0)}/${view.text.length}`
      if (seen.has(key)) return
      // Report it as too much, because deeper content was not searched.
      if (view.depth > MAX_NESTING) {
        budget.steps = -1
        return
      }
      seen.add(key)
      views.push(view)
    },
    open: (position) => {
      openFrom = Math.min(openFrom, position)
    },
  }
  for (let view = views.pop(); view !== undefined; view = views.pop()) {
    budget.steps -= view.text.length * 4
    if (budget.steps < 0 || counted.count > limits.maxPictures) break
    const deeper = searchView(view, sink)
    undone.push(...deeper)
    views.push(...deeper.filter((one) => searched.isNew(one)))
  }
  const all = [...found.values()].flat()
  return {
    pictures: withinLimit(all, limits),
    isTooMuch: budget.steps < 0 || counted.count > limits.maxPictures,
    openFrom: withLabel(text, undone.reduce(startOfEscape, openFrom)),
    steps: total - budget.steps,
  }
}

/** All pictures that show something, up to the limit, and as many others. */
function withinLimit(all: readonly PictureInText[], { maxPictures }: PictureLimits): PictureInText[] {
  const distinct = new DistinctPictures()
  let others = 0
  return all.filter(({ bytes, shows }) => {
    if (!shows) return others++ < maxPictures
    distinct.add(bytes)
    return distinct.count <= maxPictures
  })
}

/** Counts pictures, counting equal ones once. */
class DistinctPictures {
  count = 0
  readonly #byKey = new Map<number, Uint8Array[]>()

  add(bytes: Uint8Array): void {
    // FNV-1a.
    let key = 0x811c9dc5
    for (const byte of bytes) key = Math.imul(key ^ byte, 0x01000193)
    const others = this.#byKey.get(key)
    if (others === undefined) this.#byKey.set(key, [bytes])
    else if (others.some((other) => isEqual(bytes, other))) return
    else others.push(bytes)
    this.count++
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

/** @returns the views after further unescaping. */
function searchView(view: PictureView, sink: PictureSink): PictureView[] {
  base64Pictures(view, sink)
  hexPictures(view, sink)
  binaryPictures(view, sink)
  const undone = unescapeBytes(view.text)
  const isCut = view.reachesEnd && undone.openFrom < view.text.length
  if (isCut) sink.open(view.positionOf(undone.openFrom))
  const texts = isCut ? [...undone.texts, ...textsBefore(undone, view.text)] : undone.texts
  if (view.depth === MAX_NESTING) {
    if (texts.length > 0) sink.budget.steps = -1
    return []
  }
  // Backslashes and ampersands in a URL are ordinary bytes.
  const asUrl = texts.length > 0 && view.isJoined !== true && MIXED.test(view.text) ? undoPercent(view.text).texts : []
  const mayJoin = view.isJoined !== true && (view.depth === 0 || texts.length === 0)
  const joined = mayJoin ? joinStrings(view.text).texts : []
  return [...texts, ...asUrl, ...joined].map((one) => viewOf(one, view, joined.includes(one)))
}

/** Unescaping in another order often gives the same text, which is then searched only once. */
class SearchedViews {
  readonly #byText = new Map<string, PictureView[]>()

  isNew(view: PictureView): boolean {
    const others = this.#byText.get(view.text)
    if (others === undefined) this.#byText.set(view.text, [view])
    else if (others.some((other) => covers(other, view))) return false
    else others.push(view)
    return true
  }
}

/** Whether another view with the same text gives all results of a view, at the same positions. */
function covers(other: PictureView, view: PictureView): boolean {
  if (other.depth > view.depth || other.reachesEnd !== view.reachesEnd) return false
  if (other.isJoined === true && view.isJoined !== true) return false
  const { length } = view.text
  return (
    length === 0 ||
    (other.positionOf(0) === view.positionOf(0) && other.positionOf(length - 1) === view.positionOf(length - 1))
  )
}

function viewOf({ text, positions }: Decoded, view: PictureView, isJoined: boolean): PictureView {
  return {
    text,
    reachesEnd: view.reachesEnd,
    depth: view.depth + 1,
    isJoined: isJoined || view.isJoined === true,
    positionOf: (place) =>
      place < positions.length ? view.positionOf(positions[place] as number) : view.positionOf(view.text.length),
  }
}

/** The position, or the start of the escape that contains it, because half an escape cannot be decoded later. */
function startOfEscape(position: number, { text, positionOf }: PictureView): number {
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (positionOf(middle) <= position) low = middle
    else high = middle - 1
  }
  return Math.min(position, positionOf(low))
}

/** Includes the head of the URL that contains the held text. */
function withLabel(text: string, openFrom: number): number {
  const from = Math.max(0, openFrom - MAX_LABEL_CHARS)
  const label = LABEL.exec(text.slice(from, openFrom))
  return label === null ? openFrom : from + label.index
}

const MAX_LABEL_CHARS = 160
const LABEL = /\b(?:d|da|dat|data|data:[^,\s"'<>]{0,128}(?:,\s{0,16})?)$/i
const MIXED = /[\\&\t\r\n]/

/** Whether a picture equals another one, or is its beginning, cut off at an escape in the middle. */
function isBeginningOf(one: PictureInText, other: PictureInText): boolean {
  if (one.bytes.length > other.bytes.length || (one.isWhole && one.bytes.length !== other.bytes.length)) return false
  return one.bytes.every((byte, index) => byte === other.bytes[index])
}
