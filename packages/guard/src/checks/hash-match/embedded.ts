/**
 * Pictures that stand in a text, however they are written there: a chat window shows them like any other.
 * @module
 */
import { type PictureInText, picturesInText } from "@nightlight/core/embedded"
import type { BytesPart, CheckItem, Direction, TextPart } from "../../inspect/inspectable.ts"
import type { Check, Signal, Verdict } from "../check.ts"
import { joinedTexts } from "../patterns/messages.ts"

/** Most pictures of one message or answer that are looked at; with more it does not pass. */
const MAX_PICTURES = 64

/**
 * Makes the check of texts out of the check of pictures.
 *
 * What begins as a picture and cannot be decoded does not pass either, but for what shows nothing: a signature or a few
 * headers, as lessons quote them (docs/adr/0025).
 *
 * @param pictures - the check that matches pictures against the lists.
 */
export function createEmbeddedMatch(pictures: Check): Check {
  return {
    name: `${pictures.name}-in-text`,
    kind: "match",
    coverage: { directions: ["input", "output"], media: ["text"] },
    deadlineMs: pictures.deadlineMs,
    failureMode: "closed",
    screens: () => false,
    pendingFrom: (text) => picturesInText(text).openFrom,
    run: (items, context, signal) => {
      const { found, isTooMuch } = picturesIn(items, context.direction)
      if (isTooMuch) return TOO_MUCH
      if (found.length === 0) return NOTHING
      const parts = found.map(({ picture, place }) => toPart(picture, place))
      return Promise.resolve(pictures.run(parts, context, signal)).then(({ signals }) => ({
        signals: signals.flatMap((one) => toTextSignal(one, found)),
        screened: false,
      }))
    },
  }
}

const NOTHING: Verdict = { signals: [], screened: false }
const TOO_MUCH: Verdict = {
  signals: [{ check: "", rule: "too-many", decision: "inconclusive" }],
  screened: false,
}

/** A picture, the text it stands in, and that text's position; none where it is cut over several. */
interface Found {
  readonly picture: PictureInText
  readonly place: TextPart
  readonly item: number | undefined
}

/** Pictures of each text, and those that are cut over texts of one message. */
function picturesIn(
  items: readonly CheckItem[],
  direction: Direction,
): { readonly found: readonly Found[]; readonly isTooMuch: boolean } {
  let found: Found[] = []
  let isTooMuch = false
  let mayBeCut = false
  const look = (text: string, place: TextPart, item: number | undefined) => {
    const seen = picturesInText(text, { maxPictures: MAX_PICTURES })
    isTooMuch ||= seen.isTooMuch
    mayBeCut ||= seen.openFrom < text.length
    for (const picture of seen.pictures) {
      // More of it is to come: what is open is held, and looked at again.
      if (picture.reachesEnd && place.open === true) continue
      if (found.some((other) => isBeginningOf(picture, other.picture))) continue
      found = [...found.filter((other) => !isBeginningOf(other.picture, picture)), { picture, place, item }]
    }
  }
  for (const [at, item] of items.entries()) if (item.kind === "text") look(item.text, item, at)
  const first = items.find((item) => item.kind === "text")
  if (first !== undefined && mayBeCut)
    for (const { text } of joinedTexts(items, direction)) look(text, first, undefined)
  return { found, isTooMuch: isTooMuch || found.length > MAX_PICTURES }
}

/** Whether a picture is the other one, or the beginning of it that a cut between two parts left. */
function isBeginningOf(one: PictureInText, other: PictureInText): boolean {
  const { length } = one.bytes
  if (length > other.bytes.length || (one.isWhole && length !== other.bytes.length)) return false
  return one.bytes.every((byte, at) => byte === other.bytes[at])
}

function toPart({ bytes }: PictureInText, { role, choice, path }: TextPart): BytesPart {
  return { kind: "bytes", role, channel: "image", choice, path, bytes }
}

function toTextSignal({ item, ...signal }: Signal, found: readonly Found[]): Signal[] {
  const source = item === undefined ? undefined : found[item]
  if (signal.decision === "inconclusive" && source?.picture.shows === false) return []
  return [source?.item === undefined ? signal : { ...signal, item: source.item }]
}
