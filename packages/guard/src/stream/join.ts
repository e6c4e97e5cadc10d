import type { Channel } from "../inspect/inspectable.ts"
import { Cursor, type PassKind } from "./cursor.ts"
import { Track } from "./track.ts"

/** Kinds that check joined texts; a classifier checks windows of each text. */
const KINDS = ["match", "text"] as const

/** A part of a joined text: a growing text, or one that is sent whole. */
export interface JoinedPart {
  /** Code units so far. */
  readonly received: number
  /** Offset up to which the joined texts clear it. */
  joinedTo: number
}

/** A stretch of a joined text. */
interface Stretch {
  readonly part: JoinedPart
  /** Offset in the joined text. */
  readonly from: number
  /** Offset in its part. */
  readonly partFrom: number
  length: number
}

/** Texts of one message, joined in the order in which they come. */
export class Join {
  /** The sets of channels whose texts so far are exactly these. */
  #channels: readonly ReadonlySet<Channel>[]
  readonly #gates: readonly PassKind[]
  /** The only text so far, while it is checked by itself. */
  #only: Track | undefined
  #cursor: Cursor | undefined
  #stretches: Stretch[] = []
  /** Offset before which nothing is held any more, because something else has followed. */
  #letGoTo = 0

  constructor(channels: readonly ReadonlySet<Channel>[], gates: readonly PassKind[]) {
    this.#channels = channels
    this.#gates = gates.filter(({ kind }) => KINDS.some((own) => own === kind))
  }

  /** The joined text to be checked; absent while there is one text, which is checked by itself. */
  get cursor(): Cursor | undefined {
    return this.#cursor
  }

  /** The text with which it ends; absent where that is sent whole. */
  get last(): Track | undefined {
    const part = this.#only ?? this.#stretches.at(-1)?.part
    return part instanceof Track ? part : undefined
  }

  /** Splits off the sets that contain a channel: returns this where all do, undefined where none does. */
  split(channel: Channel): Join | undefined {
    const own = this.#channels.filter((set) => set.has(channel))
    if (own.length === 0) return undefined
    if (own.length === this.#channels.length) return this
    this.#channels = this.#channels.filter((set) => !set.has(channel))
    const join = new Join(own, this.#gates)
    join.#only = this.#only
    join.#cursor = this.#cursor?.fork(KINDS)
    join.#stretches = this.#stretches.map((stretch) => ({ ...stretch }))
    join.#letGoTo = this.#letGoTo
    return join
  }

  /** Adds the growth of a part; the part's own count includes it already. */
  add(text: string, part: JoinedPart): void {
    if (this.#cursor === undefined && part instanceof Track && (this.#only ?? part) === part) {
      this.#only = part
      return
    }
    this.separate()
    this.#cursor ??= new Cursor(this.#gates)
    const cursor = this.#cursor
    const last = this.#stretches.at(-1)
    if (last?.part === part) last.length += text.length
    else {
      const partFrom = part.received - text.length
      this.#stretches.push({ part, from: cursor.received, partFrom, length: text.length })
    }
    cursor.append(text)
  }

  /** From here on it is checked beside its only text, which may end before it does. */
  separate(): void {
    const only = this.#only
    if (only === undefined) return
    this.#only = undefined
    this.#cursor = only.cursor.fork(KINDS)
    this.#stretches.push({ part: only, from: 0, partFrom: 0, length: this.#cursor.received })
  }

  /** Something that is not a part of it has followed: nothing before is held any more. */
  letGo(): void {
    this.separate()
    this.#letGoTo = this.#cursor?.received ?? 0
  }

  /** Sets how far each of its parts may be released. */
  limit(): void {
    const cursor = this.#cursor
    if (cursor === undefined) return
    const cleared = Math.max(cursor.clearedTo, this.#letGoTo)
    cursor.forget(cleared)
    const last = this.#stretches.length - 1
    this.#stretches = this.#stretches.filter(({ from, length }, index) => from + length > cleared || index === last)
    for (const { part, from, partFrom, length } of this.#stretches) {
      if (from + length <= cleared) continue
      part.joinedTo = Math.min(part.joinedTo, partFrom + Math.max(0, cleared - from))
    }
  }
}
