/**
 * The texts of one message of a stream as its readers join them: what a client shows as one text is looked at as one,
 * while it comes.
 *
 * Texts are joined in the order in which they come. Where that is not the order in which a whole answer has them, they
 * are looked at in that order too once the message has ended; until then nothing leaves that could begin a find.
 * @module
 */
import type { Channel, CheckItem, TextPart } from "../inspect/inspectable.ts"
import { JOINS } from "../inspect/joins.ts"
import type { GateKind } from "./cursor.ts"
import { Join, type JoinedPart } from "./join.ts"
import type { Track } from "./track.ts"

/** One text of a message. */
interface MessageText {
  readonly channel: Channel
  readonly order: number
  readonly part: JoinedPart
  text: string
}

/** Where joined texts stand, for whoever looks at them. */
export type MessagePlace = Pick<TextPart, "role" | "channel" | "choice" | "path">

/** One message: a choice, or the one output of a response. */
export class Message {
  readonly tracks = new Set<Track>()
  /** Whether its texts come in another order than they are read in. */
  isMixed = false
  readonly #gates: readonly GateKind[]
  readonly #texts: MessageText[] = []
  readonly #joins: Join[] = []
  #place: MessagePlace | undefined
  /** Sets of channels of which nothing has come. */
  #unused: readonly ReadonlySet<Channel>[] = JOINS

  constructor(gates: readonly GateKind[]) {
    this.#gates = gates
  }

  get joins(): readonly Join[] {
    return this.#joins
  }

  /** Of its first text; absent while there is none. */
  get place(): MessagePlace | undefined {
    return this.#place
  }

  /** Adds what a text has grown by, which its track has received already. */
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
   * Adds texts that go out whole. What is no text stands between those before and those after it.
   *
   * @returns those that wait for what they are joined with.
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

  /** A text ends before its message: what may begin in it and end in the next is looked at beside it. */
  separate(track: Track): void {
    for (const join of this.#joins) if (join.last === track) join.separate()
  }

  /** Says of each text how far it may go. */
  limit(): void {
    for (const { part } of this.#texts) part.joinedTo = Number.POSITIVE_INFINITY
    for (const join of this.#joins) join.limit()
  }

  /** The texts in the order in which a whole answer has them, joined; each has two at least. */
  readInOrder({ role, choice }: Pick<TextPart, "role" | "choice">): TextPart[] {
    const texts = this.#texts.toSorted((a, b) => a.order - b.order)
    return JOINS.flatMap((set, index): TextPart[] => {
      const own = texts.filter(({ channel }) => set.has(channel)).map(({ text }) => text)
      // Each is a message of its own: nobody joins them again.
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
