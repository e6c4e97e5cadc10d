import type { Channel } from "../inspect/inspectable.ts"
import { Cursor, type GateKind } from "./cursor.ts"
import { Track } from "./track.ts"

/** Kinds of checks that look at joined texts: a classifier is asked about windows of each. */
const KINDS = ["match", "text"] as const

/** A text that is joined with others: one that grows, or one that goes out whole. */
export interface JoinedPart {
  /** Code units so far. */
  readonly received: number
  /** Offset up to which the texts that it is a part of let it go. */
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
  /** The sets of channels that have had just these texts so far. */
  #channels: readonly ReadonlySet<Channel>[]
  readonly #gates: readonly GateKind[]
  /** The only text so far, while it is looked at by itself alone. */
  #only: Track | undefined
  #cursor: Cursor | undefined
  #stretches: Stretch[] = []
  /** Offset before which nothing is held any more: something else has followed. */
  #letGoTo = 0

  constructor(channels: readonly ReadonlySet<Channel>[], gates: readonly GateKind[]) {
    this.#channels = channels
    this.#gates = gates.filter(({ kind }) => KINDS.some((own) => own === kind))
  }

  /** What is to be looked at; absent while there is one text, which is looked at by itself. */
  get cursor(): Cursor | undefined {
    return this.#cursor
  }

  /** The text with which it ends; absent where that goes out whole. */
  get last(): Track | undefined {
    const part = this.#only ?? this.#stretches.at(-1)?.part
    return part instanceof Track ? part : undefined
  }

  /** Splits off those of its sets that a channel is in: itself where all are, nothing where none is. */
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

  /** Adds what a part has grown by, which the part counts already. */
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

  /** From here on it is looked at beside its only text, which may end before it does. */
  separate(): void {
    const only = this.#only
    if (only === undefined) return
    this.#only = undefined
    this.#cursor = only.cursor.fork(KINDS)
    this.#stretches.push({ part: only, from: 0, partFrom: 0, length: this.#cursor.received })
  }

  /** Something that is no part of it has followed: of what came before nothing is held. */
  letGo(): void {
    this.separate()
    this.#letGoTo = this.#cursor?.received ?? 0
  }

  /** Says of each of its parts how far it may go. */
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
