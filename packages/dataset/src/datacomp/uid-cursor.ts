/**
 * Runs of ids in ascending order, which are read one after another.
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs"
import { DependencyError } from "@nightlight/core"
import { toReadError } from "@nightlight/durable"
import { compareUids, UID_BYTES, UID_WORDS } from "./uid.ts"

/** A position in a run: before the first id until it advances. */
export interface UidCursor {
  /** Holds the current id. */
  readonly words: Uint32Array
  /** Where it begins. */
  readonly at: number
  /** Goes to the next id. @returns false where there is none. */
  advance(): boolean
}

/** Ids in memory. */
export class MemoryCursor implements UidCursor {
  readonly words: Uint32Array
  at = -UID_WORDS
  readonly #end: number

  constructor(words: Uint32Array, count: number) {
    this.words = words
    this.#end = count * UID_WORDS
  }

  advance(): boolean {
    this.at += UID_WORDS
    return this.at < this.#end
  }
}

/** Read of a run at once. */
const BUFFER_UIDS = 4096

/** Ids in a file, open until disposed of. */
export class FileCursor implements UidCursor, Disposable {
  readonly words = new Uint32Array(BUFFER_UIDS * UID_WORDS)
  at = 0
  #end = 0
  #offset: number
  #left: number
  readonly #fd: number

  /**
   * Opens a file whose ids begin at `offset`, in bytes.
   *
   * @throws {DependencyError} `source_unreadable`
   */
  constructor(path: string, { offset, count }: { readonly offset: number; readonly count: number }) {
    this.#offset = offset
    this.#left = count
    this.#fd = reading(() => openSync(path, "r"))
  }

  /** @throws {DependencyError} `source_unreadable`; `source_changed` if the file became shorter. */
  advance(): boolean {
    this.at += UID_WORDS
    if (this.at < this.#end) return true
    if (this.#left === 0) return false
    const count = Math.min(BUFFER_UIDS, this.#left)
    const bytes = new Uint8Array(this.words.buffer, 0, count * UID_BYTES)
    for (let done = 0; done < bytes.length; ) {
      const read = this.#read(bytes, done)
      if (read === 0) throw new DependencyError("source_changed", "a file of ids became shorter while it was read")
      done += read
    }
    this.#offset += bytes.length
    this.#left -= count
    this.at = 0
    this.#end = count * UID_WORDS
    return true
  }

  #read(bytes: Uint8Array, done: number): number {
    return reading(() => readSync(this.#fd, bytes, done, bytes.length - done, this.#offset + done))
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

function reading<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw toReadError(error, "a file of ids")
  }
}

/** Several runs as one, equal ids beside each other. A heap whose first run has the least id. */
export class MergedCursor implements UidCursor {
  readonly #heap: UidCursor[]
  #isBegun = false

  constructor(runs: readonly UidCursor[]) {
    this.#heap = [...runs]
  }

  get words(): Uint32Array {
    return this.#first.words
  }

  get at(): number {
    return this.#first.at
  }

  get #first(): UidCursor {
    const [first] = this.#heap
    if (first === undefined) throw new RangeError("expected a cursor that has advanced to an id")
    return first
  }

  advance(): boolean {
    const heap = this.#heap
    if (!this.#isBegun) {
      this.#isBegun = true
      const begun = heap.filter((run) => run.advance())
      heap.length = 0
      heap.push(...begun)
      for (let index = heap.length >> 1; index >= 0; index--) this.#sink(index)
      return heap.length > 0
    }
    const [first] = heap
    if (first === undefined) return false
    if (!first.advance()) {
      const last = heap.pop()
      if (last !== undefined && last !== first) heap[0] = last
    }
    this.#sink(0)
    return heap.length > 0
  }

  #sink(from: number): void {
    const heap = this.#heap
    const run = heap[from]
    if (run === undefined) return
    let index = from
    for (;;) {
      let child = 2 * index + 1
      const right = heap[child + 1]
      let least = heap[child]
      if (least === undefined) break
      if (right !== undefined && isLess(right, least)) {
        least = right
        child++
      }
      if (!isLess(least, run)) break
      heap[index] = least
      index = child
    }
    heap[index] = run
  }
}

function isLess(one: UidCursor, other: UidCursor): boolean {
  return compareUids(one.words, one.at, other.words, other.at) < 0
}
