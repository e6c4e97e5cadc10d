import { AnswerError } from "./answer.ts"
import { DecoderChild } from "./child.ts"
import type { ChildCommand } from "./isolation/child-command.ts"
import type { Item } from "./item.ts"
import { type Answer, HEARTBEAT_MS, type InitMessage, PREPARED_AHEAD, type WantMessage } from "./protocol.ts"
import type { StreamSource } from "./source.ts"
import { maxWaitMs, StreamOrder } from "./stream-order.ts"

/** Why a slot's child ended. `held_up`: it stopped sending messages while it processed several items. */
export type SlotEnd = "died" | "out_of_time" | "out_of_memory" | "held_up"

/** A slot's items when its child ended. */
export interface SlotLosses {
  /** Whether it was ever ready. */
  readonly wasReady: boolean
  readonly end: SlotEnd
  /** Its items, oldest first. An answer may be on its way, so any of them may have been in progress. */
  readonly items: readonly Item[]
  /** The items that exceeded their time. */
  readonly overdue: readonly Item[]
}

/** Events of a slot, for its pool. */
export interface SlotEvents {
  /** The child is ready or has answered, so it can take more items. */
  onFree(): void
  onLost(losses: SlotLosses): void
}

/** Age at which a child is replaced. */
const MAX_AGE_MS = 20 * 60_000

/**
 * A child that sends nothing for this share of the time limit, and for this many milliseconds, is held up by one of its
 * items. Which one is unknown, so each runs again alone, in its remaining time.
 */
const HELD_UP_SHARE = 0.25
const HELD_UP_MS = 300

/** Number of excess messages after which a child counts as broken. */
const SPARE_MESSAGES = 50

/** A child above this share of its memory limit is replaced once it has answered {@link LEAST_ITEMS}. */
const GROWN_SHARE = 0.5
const LEAST_ITEMS = 200

/** Options of a slot's child, and how long it is kept. */
export interface SlotOptions {
  readonly command: ChildCommand
  readonly init: InitMessage
  /** Answers after which the child is replaced. */
  readonly itemsPerChild: number
}

/** One place in the pool: a child and its items, oldest first. */
export class Slot {
  readonly child: DecoderChild
  /** Whether it takes only suspects, one at a time. */
  isAlone: boolean
  /** Whether it takes no more items. */
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
  /** Messages without an answer since the last answer, or since work began. */
  #emptyMessages = 0
  #answeredAt = performance.now()
  /** Settles when the child has taken the last part that was sent. */
  #partTaken: Promise<void> = Promise.resolve()

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
      onWant: (want) => this.#serve(want),
      onDeath: () => this.#lose(),
    })
  }

  /** Number of its items. */
  get load(): number {
    return this.#items.size
  }

  /** Milliseconds since its child was started. */
  get ageMs(): number {
    return performance.now() - this.#bornAt
  }

  get isReady(): boolean {
    return this.child.isReady && !this.isRetiring
  }

  /** Whether it has worked long enough to be replaced. */
  get isWorn(): boolean {
    return this.#done >= this.#mostItems || this.ageMs >= MAX_AGE_MS
  }

  send(item: Item): void {
    if (this.#items.size === 0) this.#noteAnswer()
    const { source } = item
    this.#items.set(item.id, {
      item,
      isTaken: false,
      startedAt: undefined,
      order: source.kind === "stream" ? new StreamOrder(source.length) : undefined,
      isWanting: false,
      waits: undefined,
      waitedMs: 0,
    })
    this.#start()
    this.child.send(item.id, item.source, item.isSuspect)
  }

  /** Kills the child if an item exceeded its time, or memory its limit. */
  check(now: number): void {
    const { timeoutMs, maxMemoryBytes } = this.#init.limits
    const inWork = [...this.#items.values()].filter((entry): entry is WorkEntry => entry.startedAt !== undefined)
    const overdue = [...this.#items.values()].filter(({ item, startedAt, waits, waitedMs }) => {
      const { source } = item
      if (waits !== undefined && source.kind === "stream") {
        if (waitedMs + now - waits.since > maxWaitMs(source.length, timeoutMs)) return true
      }
      if (startedAt === undefined) return false
      // What it waits for is read by this process.
      const lateMs = (waits?.since ?? now) - startedAt - (timeoutMs - item.spentMs)
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

  /**
   * Starts the time of the oldest items, which the child takes first. The time of an item that waits for a decode has
   * not begun.
   */
  #start(): void {
    let threads = this.#init.inFlight
    let taken = threads + PREPARED_AHEAD
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
      throw new AnswerError("expected no excess messages from a child")
    }
    for (const { id, early, fingerprint } of answers) {
      const entry = this.#items.get(id)
      if (entry?.isTaken !== true) throw new AnswerError("expected an answer to a request")
      if (entry.isWanting) throw new AnswerError("expected no answer before the part that was asked for")
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

  /** Accepts a demand for a part of a stream, one at a time for each item. */
  #serve({ id, offset, length }: WantMessage["want"]): void {
    this.#heardAt = performance.now()
    const entry = this.#items.get(id)
    if (entry?.isTaken !== true || entry.isWanting || entry.order?.accept(offset, length) !== true) {
      throw new AnswerError("expected a demand for the next part of a stream")
    }
    entry.isWanting = true
    void this.#sendPart(entry, offset, length)
  }

  /**
   * Reads a part for the child, once it has taken the last one. The time that reading takes is not the item's; the time
   * until the child takes a part is.
   */
  async #sendPart(entry: SlotEntry, offset: number, length: number): Promise<void> {
    const { id, source } = entry.item
    await this.#partTaken
    if (source.kind !== "stream" || this.#items.get(id) !== entry) return
    const since = performance.now()
    entry.waits = { since }
    const bytes = await readOrNothing(source, offset, length)
    if (this.#items.get(id) !== entry) return
    const now = performance.now()
    entry.waits = undefined
    entry.waitedMs += now - since
    if (entry.startedAt !== undefined) entry.startedAt += now - Math.max(since, entry.startedAt)
    entry.isWanting = false
    this.#partTaken = this.child.sendPart(id, bytes)
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
  /** Whether the child may be processing it. */
  isTaken: boolean
  /** Start of its time, on `performance.now()`'s clock. */
  startedAt: number | undefined
  /** Of a stream: the parts that the child may still ask for. */
  readonly order: StreamOrder | undefined
  /** Whether the child asked for a part that was not sent yet. */
  isWanting: boolean
  /** Since when a part of a stream is read for the child. */
  waits: { readonly since: number } | undefined
  /** Milliseconds that reading the earlier parts took. */
  waitedMs: number
}

interface WorkEntry extends SlotEntry {
  readonly startedAt: number
}

async function readOrNothing(source: StreamSource, offset: number, length: number): Promise<Uint8Array | undefined> {
  try {
    return await source.read(offset, length)
  } catch {
    return undefined
  }
}

/** A file whose size is not known within half a second counts as small. */
function isOverdue(item: Item, lateMs: number): boolean {
  const extraMs = item.extraMs() ?? (lateMs > 500 ? 0 : Number.POSITIVE_INFINITY)
  return lateMs > extraMs
}
