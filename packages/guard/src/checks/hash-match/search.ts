/**
 * Finds pictures in the texts of one message, answer or window. Long texts are searched in slices, one per turn of the
 * event loop, so that one long text does not hold up others.
 * @module
 */
import { compact } from "@nightlight/core"
import { type PictureInText, picturesInText } from "@nightlight/core/embedded"
import { OVERLAP_CHARS, SLICE_CHARS } from "@nightlight/patterns"
import type { CheckItem, Direction, TextPart } from "../../inspect/inspectable.ts"
import { joinedTexts } from "../patterns/messages.ts"

/** Largest number of pictures checked in one message or answer; with more it is blocked. */
const MAX_PICTURES = 64

/** A picture and the text that holds it, with that text's position; without them where it is cut over several texts. */
export interface Found {
  readonly picture: PictureInText
  readonly place: TextPart
  readonly item: number | undefined
}

/** Pictures found in texts. */
export interface Searched {
  readonly found: readonly Found[]
  /** Whether there are more pictures than are checked: the text must be blocked. */
  readonly isTooMuch: boolean
  /** For a search of one text: the position from which a picture may be incomplete. */
  readonly pendingFrom?: number
}

/**
 * Finds the pictures of each text, and those that are cut over texts of one message; synchronously where the texts are
 * short.
 *
 * @throws the reason of `stop` when it aborts between two slices.
 */
export function searchPictures(
  items: readonly CheckItem[],
  direction: Direction,
  stop: AbortSignal,
): Searched | Promise<Searched> {
  const [only] = items
  if (items.length === 1 && only?.kind === "text" && only.text.length <= SLICE_CHARS) return searchOne(only)
  const slices = search(items, direction)
  const first = slices.next()
  return first.done === true ? first.value : inTurns(slices, stop)
}

/** The same for one short text, such as a window of a stream: an interruptible search costs more. */
function searchOne(place: TextPart): Searched {
  const { pictures, isTooMuch, openFrom } = picturesInText(place.text, { maxPictures: MAX_PICTURES })
  if (pictures.length === 0) return { found: NONE, isTooMuch, pendingFrom: openFrom }
  const all = new FoundPictures()
  for (const picture of pictures) {
    if (!(picture.reachesEnd && place.open === true)) all.add({ picture, place, item: 0 })
  }
  return { found: all.found, isTooMuch: isTooMuch || all.isTooMuch, pendingFrom: openFrom }
}

const NONE: readonly Found[] = []

async function inTurns(slices: Generator<void, Searched>, stop: AbortSignal): Promise<Searched> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve))
    stop.throwIfAborted()
    const next = slices.next()
    if (next.done === true) return next.value
  }
}

/** Yields when one turn of the event loop has done enough. */
function* search(items: readonly CheckItem[], direction: Direction): Generator<void, Searched> {
  const all = new FoundPictures()
  let spent = 0
  let mayBeCut = false
  let pendingFrom: number | undefined
  let texts = 0
  const searchText = function* (text: string, place: TextPart, item: number | undefined): Generator<void, number> {
    let from = 0
    let openFrom = 0
    for (let to = 0; to < text.length && !all.isTooMuch; ) {
      // The open end is searched again: where it is long, the next slice is longer, so that the whole stays linear.
      to = Math.min(text.length, to + Math.max(SLICE_CHARS, to - from))
      if (spent > 0 && spent + to - from > SLICE_CHARS) {
        yield
        spent = 0
      }
      spent += to - from
      const seen = picturesInText(text.slice(from, to), { maxPictures: MAX_PICTURES })
      all.isTooMuch ||= seen.isTooMuch
      // More text follows: the open end is held and searched again.
      const isOpen = place.open === true || to < text.length
      for (const picture of seen.pictures) if (!(picture.reachesEnd && isOpen)) all.add({ picture, place, item })
      openFrom = from + seen.openFrom
      // The name of an encoding stands before the encoded text.
      from = Math.max(from, openFrom - OVERLAP_CHARS)
    }
    return openFrom
  }
  for (const [index, item] of items.entries()) {
    if (item.kind !== "text") continue
    const openFrom = yield* searchText(item.text, item, index)
    mayBeCut ||= openFrom < item.text.length
    pendingFrom = texts++ === 0 ? openFrom : undefined
  }
  const first = items.find((item) => item.kind === "text")
  if (first !== undefined && mayBeCut) {
    for (const { text } of joinedTexts(items, direction)) yield* searchText(text, first, undefined)
  }
  return compact({ found: all.found, isTooMuch: all.isTooMuch, pendingFrom })
}

/** The pictures found so far; a picture replaces a beginning of itself. */
class FoundPictures {
  found: Found[] = []
  isTooMuch = false

  add(one: Found): void {
    if (this.found.some(({ picture }) => isBeginningOf(one.picture, picture))) return
    // Quoted signatures and headers do not count towards the limit of pictures.
    if (!one.picture.shows && this.#count(false) >= MAX_PICTURES) return
    this.found = [...this.found.filter(({ picture }) => !isBeginningOf(picture, one.picture)), one]
    // Each is compared with all others.
    this.isTooMuch ||= this.#count(true) > MAX_PICTURES
  }

  #count(shows: boolean): number {
    return this.found.filter(({ picture }) => picture.shows === shows).length
  }
}

/** Whether a picture equals the other, or is the beginning of it that a cut between two parts left. */
function isBeginningOf(one: PictureInText, other: PictureInText): boolean {
  const { length } = one.bytes
  if (length > other.bytes.length || (one.isWhole && length !== other.bytes.length)) return false
  return one.bytes.every((byte, index) => byte === other.bytes[index])
}
