import { AnswerError } from "./answer.ts"
import { DecoderChild } from "./child.ts"
import type { ChildCommand } from "./isolation/child-command.ts"
import type { Item } from "./item.ts"
import { type Answer, AT_HAND, HEARTBEAT_MS, type InitMessage } from "./protocol.ts"

/** Why a slot's child ended. `held_up`: it stopped talking while it had several items in work. */
export type SlotEnd = "died" | "out_of_time" | "out_of_memory" | "held_up"

/** What became of a slot's items when its child ended. */
export interface SlotLosses {
  /** Whether it ever was ready to work. */
  readonly wasReady: boolean
  readonly end: SlotEnd
  /** What it had, oldest first: an answer may be under way, so any of them may have been in work. */
  readonly items: readonly Item[]
  /** Of those: beyond their time. */
  readonly overdue: readonly Item[]
}

/** What a slot reports to its pool. */
export interface SlotEvents {
  /** The child is ready, or has answered: it can take more. */
  onFree(): void
  onLost(losses: SlotLosses): void
}

/** A child after so many milliseconds is replaced by a fresh one. */
const MOST_AGE_MS = 20 * 60_000

/**
 * A child that says nothing for this share of the time limit, and for so many milliseconds, is held up by one of the
 * items it works on, and nobody knows by which: each runs again alone, in the time that is left.
 */
const HELD_UP_SHARE = 0.25
const HELD_UP_MS = 300

/** Messages that a child may send too many before it counts as broken. */
const SPARE_MESSAGES = 50

/** A child above this share of its memory limit is replaced when it has done {@link LEAST_ITEMS}: it has grown. */
const GROWN_SHARE = 0.5
const LEAST_ITEMS = 200

/** What a slot's child is, and how long it is kept. */
export interface SlotOptions {
  readonly command: ChildCommand
  readonly init: InitMessage
  /** Answers after which the child is replaced. */
  readonly itemsPerChild: number
}

/** One place in the pool: a child and the items it has, oldest first. */
export class Slot {
  readonly child: DecoderChild
  /** Takes one item at a time, of those that may have ended another child. */
  isAlone: boolean
  /** Takes nothing more. */
  isRetiring = false
  readonly #init: InitMessage
  readonly #mostItems: number
  readonly #events: SlotEvents
  /** By id, in the order sent. */
  readonly #items = new Map<number, SlotEntry>()
  readonly #bornAt = performance.now()
  #wasReady = false
  #done = 0
  #end: SlotEnd = "died"
  #overdue: readonly Item[] = []
  #heardAt = performance.now()
  /** Messages without an answer since the last one with one, or since work began. */
  #emptyMessages = 0
  #answeredAt = performance.now()

  constructor({ command, init, itemsPerChild }: SlotOptions, isAlone: boolean, events: SlotEvents) {
    this.#init = init
    this.#mostItems = itemsPerChild
    this.#events = events
    this.isAlone = isAlone
    this.child = new DecoderChild(command, init, {
      onReady: () => {
        this.#wasReady = true
        events.onFree()
      },
      onAnswers: (answers) => this.#take(answers),
      onDeath: () => this.#lose(),
    })
  }

  /** Items it has. */
  get load(): number {
    return this.#items.size
  }

  /** Milliseconds since its child was started. */
  get ageMs(): number {
    return performance.now() - this.#bornAt
  }

  /** Whether it can take an item. */
  get isReady(): boolean {
    return this.child.isReady && !this.isRetiring
  }

  /** Whether it has worked long enough to be replaced. */
  get isWorn(): boolean {
    return this.#done >= this.#mostItems || this.ageMs >= MOST_AGE_MS
  }

  send(item: Item): void {
    if (this.#items.size === 0) this.#noteAnswer()
    this.#items.set(item.id, { item, isTaken: false, startedAt: undefined })
    this.#start()
    this.child.send(item.id, item.source, item.isSuspect)
  }

  /** Kills the child if an item is beyond its time, or memory beyond the limit. */
  check(now: number): void {
    const { timeoutMs, maxMemoryBytes } = this.#init.limits
    const inWork = [...this.#items.values()].filter((entry): entry is WorkEntry => entry.startedAt !== undefined)
    const overdue = inWork.filter(({ item, startedAt }) => {
      const lateMs = now - startedAt - (timeoutMs - item.spentMs)
      return lateMs > 0 && isOverdue(item, lateMs)
    })
    const silentMs = now - Math.max(this.#heardAt, ...inWork.map(({ startedAt }) => startedAt))
    if (inWork.length > 1 && silentMs > Math.max(HELD_UP_MS, timeoutMs * HELD_UP_SHARE)) {
      for (const { item } of this.#items.values()) item.spentMs += silentMs
      this.#kill("held_up")
      return
    }
    if (overdue.length > 0) {
      this.#overdue = overdue.map(({ item }) => item)
      this.#kill("out_of_time")
      return
    }
    const resident = this.child.residentBytes()
    if (resident > maxMemoryBytes) this.#kill("out_of_memory")
    else if (resident > maxMemoryBytes * GROWN_SHARE && this.#done >= LEAST_ITEMS) this.#done = this.#mostItems
  }

  #kill(end: SlotEnd): void {
    this.#end = end
    this.child.kill()
  }

  /** The child takes the oldest items first. The time of one that waits for a decode to end has not begun. */
  #start(): void {
    let threads = this.#init.inFlight
    let taken = threads + AT_HAND
    for (const entry of this.#items.values()) {
      if (taken-- === 0) return
      entry.isTaken = true
      if (threads-- > 0) entry.startedAt ??= performance.now()
    }
  }

  #take(answers: readonly Answer[]): void {
    this.#heardAt = performance.now()
    if (answers.length > 0) this.#noteAnswer()
    else if (++this.#emptyMessages > SPARE_MESSAGES + (2 * (this.#heardAt - this.#answeredAt)) / HEARTBEAT_MS) {
      throw new AnswerError("expected a child to say no more than it has to")
    }
    for (const { id, early, fingerprint } of answers) {
      const entry = this.#items.get(id)
      if (entry?.isTaken !== true) throw new AnswerError("expected an answer to a request")
      if (early) {
        entry.item.learn(fingerprint)
      } else {
        this.#items.delete(id)
        this.#done++
        entry.item.finish(fingerprint)
        this.#start()
      }
    }
    this.#events.onFree()
  }

  #noteAnswer(): void {
    this.#emptyMessages = 0
    this.#answeredAt = performance.now()
  }

  #lose(): void {
    const items = [...this.#items.values()].map(({ item }) => item)
    this.#items.clear()
    this.#events.onLost({ wasReady: this.#wasReady, end: this.#end, items, overdue: this.#overdue })
  }
}

interface SlotEntry {
  readonly item: Item
  /** Whether the child may be at it. */
  isTaken: boolean
  /** When its time began, on `performance.now()`'s clock. */
  startedAt: number | undefined
}

interface WorkEntry extends SlotEntry {
  readonly startedAt: number
}

/** A file whose size the system does not tell within half a second counts as small. */
function isOverdue(item: Item, lateMs: number): boolean {
  const extraMs = item.extraMs() ?? (lateMs > 500 ? 0 : Number.POSITIVE_INFINITY)
  return lateMs > extraMs
}
