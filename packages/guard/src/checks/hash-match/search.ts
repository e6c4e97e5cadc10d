/**
 * The search for pictures in the texts of one message, answer or window. Long texts are looked at in slices, a turn of the
 * loop each: one long text does not hold up others.
 * @module
 */
import { type PictureInText, picturesInText } from "@nightlight/core/embedded"
import { OVERLAP_CHARS, SLICE_CHARS } from "@nightlight/patterns"
import type { CheckItem, Direction, TextPart } from "../../inspect/inspectable.ts"
import { joinedTexts } from "../patterns/messages.ts"

/** Most pictures of one message or answer that are looked at; with more it does not pass. */
const MAX_PICTURES = 64

/** A picture, the text it stands in, and that text's position; none where it is cut over several. */
export interface Found {
  readonly picture: PictureInText
  readonly place: TextPart
  readonly item: number | undefined
}

/** What a search found. */
export interface Searched {
  readonly found: readonly Found[]
  /** Whether there was more than is looked at: it must not pass. */
  readonly isTooMuch: boolean
  /** Where one text was searched: position from which on a picture may be incomplete. */
  readonly pendingFrom?: number
}

/**
 * Finds the pictures of each text, and those that are cut over texts of one message: at once where the texts are short in
 * all.
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

/** The same for one short text, as every window of a stream is: a search that can stop costs more than this one. */
function searchOne(place: TextPart): Searched {
  const { pictures, isTooMuch, openFrom } = picturesInText(place.text, { maxPictures: MAX_PICTURES })
  if (pictures.length === 0) return { found: NONE, isTooMuch, pendingFrom: openFrom }
  const all = new Finds()
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

/** Yields where a turn has seen enough. */
function* search(items: readonly CheckItem[], direction: Direction): Generator<void, Searched> {
  const all = new Finds()
  let spent = 0
  let mayBeCut = false
  let pendingFrom: number | undefined
  let texts = 0
  const look = function* (text: string, place: TextPart, item: number | undefined): Generator<void, number> {
    let from = 0
    let openFrom = 0
    for (let to = 0; to < text.length && !all.isTooMuch; ) {
      // What may be incomplete is seen again: where that is much, a slice is longer, so that the whole stays linear.
      to = Math.min(text.length, to + Math.max(SLICE_CHARS, to - from))
      if (spent > 0 && spent + to - from > SLICE_CHARS) {
        yield
        spent = 0
      }
      spent += to - from
      const seen = picturesInText(text.slice(from, to), { maxPictures: MAX_PICTURES })
      all.isTooMuch ||= seen.isTooMuch
      // More of it is to come: what is open is held, and looked at again.
      const isOpen = place.open === true || to < text.length
      for (const picture of seen.pictures) if (!(picture.reachesEnd && isOpen)) all.add({ picture, place, item })
      openFrom = from + seen.openFrom
      // What a code is called stands before it.
      from = Math.max(from, openFrom - OVERLAP_CHARS)
    }
    return openFrom
  }
  for (const [index, item] of items.entries()) {
    if (item.kind !== "text") continue
    const openFrom = yield* look(item.text, item, index)
    mayBeCut ||= openFrom < item.text.length
    pendingFrom = texts++ === 0 ? openFrom : undefined
  }
  const first = items.find((item) => item.kind === "text")
  if (first !== undefined && mayBeCut) {
    for (const { text } of joinedTexts(items, direction)) yield* look(text, first, undefined)
  }
  const { found } = all
  const { isTooMuch } = all
  return pendingFrom === undefined ? { found, isTooMuch } : { found, isTooMuch, pendingFrom }
}

/** What was found so far: of a picture and a beginning of it the picture. */
class Finds {
  found: Found[] = []
  isTooMuch = false

  add(one: Found): void {
    if (this.found.some(({ picture }) => isBeginningOf(one.picture, picture))) return
    // What shows nothing is quoted in lessons, as often as they like.
    if (!one.picture.shows && this.#count(false) >= MAX_PICTURES) return
    this.found = [...this.found.filter(({ picture }) => !isBeginningOf(picture, one.picture)), one]
    // Each is compared with all others.
    this.isTooMuch ||= this.#count(true) > MAX_PICTURES
  }

  #count(shows: boolean): number {
    return this.found.filter(({ picture }) => picture.shows === shows).length
  }
}

/** Whether a picture is the other one, or the beginning of it that a cut between two parts left. */
function isBeginningOf(one: PictureInText, other: PictureInText): boolean {
  const { length } = one.bytes
  if (length > other.bytes.length || (one.isWhole && length !== other.bytes.length)) return false
  return one.bytes.every((byte, index) => byte === other.bytes[index])
}
