/**
 * The texts of one message of a stream as its readers join them: text that a client shows as one is checked as one
 * while it arrives.
 *
 * Texts are joined in the order in which they arrive. Where a complete answer has another order, they are checked in
 * that order too once the message has ended; until then nothing leaves that could begin a match.
 * @module
 */
import type { Channel, CheckItem, TextPart } from "../inspect/inspectable.ts"
import { JOINS } from "../inspect/joins.ts"
import type { PassKind } from "./cursor.ts"
import { Join, type JoinedPart } from "./join.ts"
import type { Track } from "./track.ts"

/** One text of a message. */
interface MessageText {
  readonly channel: Channel
  readonly order: number
  readonly part: JoinedPart
  text: string
}

/** The place that checks of joined texts are given. */
export type MessagePlace = Pick<TextPart, "role" | "channel" | "choice" | "path">

/** One message: a choice, or the one output of a response. */
export class Message {
  readonly tracks = new Set<Track>()
  /** Whether its texts arrive in another order than they are read in. */
  isMixed = false
  readonly #gates: readonly PassKind[]
  readonly #texts: MessageText[] = []
  readonly #joins: Join[] = []
  #place: MessagePlace | undefined
  /** Sets of channels without any text so far. */
  #unused: readonly ReadonlySet<Channel>[] = JOINS

  constructor(gates: readonly PassKind[]) {
    this.#gates = gates
  }

  get joins(): readonly Join[] {
    return this.#joins
  }

  /** Place of its first text; absent while there is none. */
  get place(): MessagePlace | undefined {
    return this.#place
  }

  /** Adds the growth of a text, which its track has received already. */
  grow(track: Track, text: string): void {
    const { channel, order = 0 } = track.step
    this.#place ??= track.step
    this.tracks.add(track)
    const last = this.#texts.at(-1)
    if (last?.part === track) last.text += text
    else {
      const known = this.#texts.find(({ part }) => part === track)
      if (known === undefined) this.#texts.push({ channel, order, part: track, text })
      else known.text += text
      if (known !== undefined || (last !== undefined && last.order > order)) this.isMixed = true
    }
    this.#join(channel, text, track)
  }

  /**
   * Adds texts that are sent whole. An item that is not text separates the texts before and after it.
   *
   * @returns the parts that wait for the texts they are joined with.
   */
  addWhole(items: readonly CheckItem[], order = 0): readonly JoinedPart[] {
    return items.flatMap((item) => {
      if (item.kind !== "text") {
        for (const join of this.#joins) join.letGo()
        return []
      }
      const { channel, text } = item
      if (channel === "label") return []
      this.#place ??= item
      const part = { received: text.length, joinedTo: Number.POSITIVE_INFINITY }
      if ((this.#texts.at(-1)?.order ?? 0) > order) this.isMixed = true
      this.#texts.push({ channel, order, part, text })
      this.#join(channel, text, part)
      return [part]
    })
  }

  /** A text ends before its message: a match that may begin in it and end in the next text is checked beside it. */
  separate(track: Track): void {
    for (const join of this.#joins) if (join.last === track) join.separate()
  }

  /** Sets how far each text may be released. */
  limit(): void {
    for (const { part } of this.#texts) part.joinedTo = Number.POSITIVE_INFINITY
    for (const join of this.#joins) join.limit()
  }

  /** The texts in the order of a complete answer, joined; each result has at least two. */
  readInOrder({ role, choice }: Pick<TextPart, "role" | "choice">): TextPart[] {
    const texts = this.#texts.toSorted((a, b) => a.order - b.order)
    return JOINS.flatMap((set, index): TextPart[] => {
      const own = texts.filter(({ channel }) => set.has(channel)).map(({ text }) => text)
      // Each is a message of its own, so that they are not joined again.
      const place = { role, choice, channel: "text", path: `joined[${index}]` } as const
      return own.length < 2 ? [] : [{ kind: "text", ...place, text: own.join("") }]
    })
  }

  #join(channel: Channel, text: string, part: JoinedPart): void {
    for (const join of [...this.#joins]) {
      const own = join.split(channel)
      if (own !== join) join.letGo()
      own?.add(text, part)
      if (own !== undefined && own !== join) this.#joins.push(own)
    }
    const fresh = this.#unused.filter((set) => set.has(channel))
    if (fresh.length === 0) return
    this.#unused = this.#unused.filter((set) => !set.has(channel))
    const join = new Join(fresh, this.#gates)
    join.add(text, part)
    this.#joins.push(join)
  }
}
