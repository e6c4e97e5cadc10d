import { compact, DependencyError, type Fingerprint, RequestError } from "@nightlight/core"
import { Item } from "./item.ts"
import type { JpegDecoder } from "./protocol.ts"
import { Slot, type SlotLosses, type SlotOptions } from "./slot.ts"
import type { DecodeSource } from "./source.ts"

/** Options of a pool with `processes` children. */
export interface PoolOptions extends SlotOptions {
  readonly processes: number
}

/**
 * Items queued in a child beyond those it decodes, so that it never waits for the parent, can answer several at once,
 * and can digest four together. It exceeds the number of answers that a child holds back, and lasts while the parent
 * writes or collects garbage.
 */
export const QUEUE_AHEAD_PER_CHILD = 36

/** Interval of checking time and memory. */
const CHECK_INTERVAL_MS = 50

/** Most consecutive children that end before they are ready: then the installation is broken, not an item. */
const MAX_FALSE_STARTS = 3

/** Time limit of a child's start. */
const START_TIMEOUT_MS = 20_000

/** Time limit of a child's exit after its input ended. */
const LEAVE_TIMEOUT_MS = 1000

/**
 * Distributes items to decoder children and survives their deaths.
 *
 * A child's death, or a memory limit, leaves several suspects: each runs again, alone in a new child. An item that ends
 * a child again is to blame; the others are answered normally.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #slots = new Set<Slot>()
  readonly #queue: Item[] = []
  readonly #suspects: Item[] = []
  readonly #open = new Set<Item>()
  readonly #leaving = new Set<Promise<void>>()
  readonly #ready = Promise.withResolvers<JpegDecoder>()
  #idle: PromiseWithResolvers<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #falseStarts = 0
  #nextId = 1
  #broken: DependencyError | undefined
  #isClosing = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#ready.promise.catch(() => {})
    this.#refill()
    // Read the children's messages first, so that a delay of this process does not count as theirs.
    this.#timer = setInterval(() => setImmediate(() => this.#check()), CHECK_INTERVAL_MS)
  }

  /**
   * Resolves when the first child is ready.
   *
   * @returns its decoder for plain JPEGs.
   * @throws {DependencyError} `decoder_unavailable` when no child can be started.
   */
  ready(): Promise<JpegDecoder> {
    return this.#ready.promise
  }

  /**
   * Fingerprints one item.
   *
   * @throws {DependencyError} `decoder_unavailable` when children can no longer be started.
   * @throws {RequestError} `state_conflict` when the pool was closed.
   */
  fingerprint(source: DecodeSource, signal?: AbortSignal): Promise<Fingerprint> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    if (this.#isClosing) return Promise.reject(new RequestError("state_conflict", "the decoder was closed"))
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const item = new Item(this.#nextId++, source, () => this.#forget(item))
    if (signal !== undefined) item.listen(signal)
    this.#open.add(item)
    this.#queue.push(item)
    this.#assignQueued()
    return item.fingerprint
  }

  #forget(item: Item): void {
    this.#open.delete(item)
    if (this.#open.size === 0) this.#idle?.resolve()
  }

  /** Waits for the current items, then ends every child. */
  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#open.size > 0) {
      this.#idle ??= Promise.withResolvers()
      await this.#idle.promise
    }
    clearInterval(this.#timer)
    for (const slot of [...this.#slots]) this.#endChild(slot)
    await Promise.all(this.#leaving)
  }

  /** Keeps the number of children, and reserves one of them for suspects while there are any. */
  #refill(): void {
    if (this.#broken !== undefined || (this.#isClosing && this.#open.size === 0)) return
    const active = [...this.#slots].filter((slot) => !slot.isRetiring)
    const isAlone = this.#suspects.length > 0 && !active.some((slot) => slot.isAlone)
    if (isAlone) this.#spawn(true)
    for (let i = active.length + (isAlone ? 1 : 0); i < this.#options.processes; i++) this.#spawn(false)
  }

  #spawn(isAlone: boolean): void {
    const slot: Slot = new Slot(this.#options, isAlone, {
      onFree: () => {
        this.#falseStarts = 0
        this.#ready.resolve(slot.child.jpegDecoder)
        if (slot.isWorn && !slot.isRetiring) this.#retire(slot)
        if (slot.isRetiring && slot.load === 0) this.#endChild(slot)
        this.#assignQueued()
      },
      onLost: (losses) => this.#replace(slot, losses),
    })
    this.#slots.add(slot)
  }

  #check(): void {
    const now = performance.now()
    for (const slot of this.#slots) {
      if (slot.child.isReady) slot.check(now)
      else if (slot.ageMs > START_TIMEOUT_MS) slot.child.kill()
    }
  }

  /** Gives waiting items to the least busy child. */
  #assignQueued(): void {
    for (const slot of this.#slots) if (slot.isAlone && slot.isReady && slot.load === 0) this.#assignSuspect(slot)
    const most = this.#options.init.inFlight + QUEUE_AHEAD_PER_CHILD
    while (this.#queue.length > 0) {
      let least: Slot | undefined
      for (const slot of this.#slots) {
        if (!slot.isReady || slot.isAlone || slot.load >= most) continue
        if (least === undefined || slot.load < least.load) least = slot
      }
      if (least === undefined) return
      const item = this.#queue.shift()
      if (item !== undefined && !item.isDone) least.send(item)
    }
  }

  #assignSuspect(slot: Slot): void {
    for (let item = this.#suspects.shift(); item !== undefined; item = this.#suspects.shift()) {
      if (item.isDone) continue
      slot.send(item)
      return
    }
    slot.isAlone = false
    const active = [...this.#slots].filter((other) => !other.isRetiring)
    if (active.length > this.#options.processes) this.#endChild(slot)
  }

  #replace(slot: Slot, { end, wasReady, items, overdue }: SlotLosses): void {
    if (!this.#slots.delete(slot)) return
    for (const item of overdue) item.conclude("time_limit")
    for (const item of items.toReversed()) {
      if (item.isDone) continue
      if (end === "out_of_time") {
        // A time-out identifies the item; any other end makes all items suspects.
        ;(item.isSuspect ? this.#suspects : this.#queue).unshift(item)
      } else if (item.isSuspect && end !== "held_up") {
        item.conclude(end === "out_of_memory" ? "memory_limit" : "decoder_died")
      } else {
        item.isSuspect = true
        this.#suspects.unshift(item)
      }
    }
    if (!wasReady && ++this.#falseStarts >= MAX_FALSE_STARTS) {
      this.#giveUp(slot)
    } else {
      this.#refill()
      this.#assignQueued()
    }
  }

  /** Replaces a worn child, which ends after it has answered its items. */
  #retire(slot: Slot): void {
    slot.isRetiring = true
    this.#refill()
  }

  #endChild(slot: Slot): void {
    slot.isRetiring = true
    this.#slots.delete(slot)
    slot.child.end()
    const timer = setTimeout(() => slot.child.kill(), LEAVE_TIMEOUT_MS)
    const left = slot.child.exited.then(() => {
      clearTimeout(timer)
      this.#leaving.delete(left)
    })
    this.#leaving.add(left)
  }

  #giveUp({ child }: Slot): void {
    const options = compact({ hint: child.complaint === "" ? undefined : child.complaint })
    this.#broken = new DependencyError("decoder_unavailable", "no decoder child can be started", options)
    this.#ready.reject(this.#broken)
    for (const item of this.#open) item.fail(this.#broken)
    for (const slot of [...this.#slots]) this.#endChild(slot)
    clearInterval(this.#timer)
  }
}
