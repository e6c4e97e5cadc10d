/**
 * Results of look-ups, and reading them from a thread's scratch.
 * @module
 */
import { PdqError } from "../errors.ts"
import type { Kernel } from "./kernel.ts"
import { OUT_CAPACITY, OUT_OFFSET } from "./layout.ts"

/** An entry within the radius. */
export interface IndexMatch {
  readonly id: number
  /** 0 to the requested radius. */
  readonly distanceBits: number
}

/** Matches of a batch as parallel columns, with one match in row i of each. matches ascending by query, then by id. */
export interface BatchMatches {
  readonly length: number
  /** Position of the query in the batch, from 0. */
  readonly queries: Uint32Array
  readonly ids: Uint32Array
  readonly distancesBits: Uint16Array
}

/** Initial number of rows in columns. */
const FIRST_ROWS = 64

/** Empty column for look-ups without matches, which are most, so that they allocate nothing. */
const NO_NUMBERS = new Uint32Array(0)
const NO_DISTANCES = new Uint16Array(0)

/** Growing columns of matches. */
export class MatchColumns {
  length = 0
  #queries = NO_NUMBERS
  #ids = NO_NUMBERS
  #distancesBits = NO_DISTANCES

  /** Moves the scratch's output into the columns, and adds `firstQuery` and `firstId` to the numbers. */
  drain({ exports, bytes, scratch }: Kernel, firstQuery: number, firstId = 0): void {
    const count = exports.matchCount()
    if (count === 0) return
    this.#reserve(count)
    const out = new Uint32Array(bytes.buffer, scratch + OUT_OFFSET, 2 * count)
    for (let i = 0; i < count; i++) {
      // 2 * i + 1 < 2 * count; the columns were grown for `count` more.
      const low = out[2 * i]!
      const offset = this.length + i
      this.#queries[offset] = firstQuery + (low >>> 9)
      this.#ids[offset] = firstId + out[2 * i + 1]!
      this.#distancesBits[offset] = low & 511
    }
    this.length += count
    exports.clearMatches()
  }

  /** Returns the columns; nothing can be added afterwards. */
  finish(): BatchMatches {
    const { length } = this
    return {
      length,
      queries: this.#queries.subarray(0, length),
      ids: this.#ids.subarray(0, length),
      distancesBits: this.#distancesBits.subarray(0, length),
    }
  }

  #reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.#ids.length) return
    const capacity = Math.max(needed, FIRST_ROWS, 2 * this.#ids.length, count === OUT_CAPACITY ? 4 * OUT_CAPACITY : 0)
    this.#queries = grown(this.#queries, new Uint32Array(capacity))
    this.#ids = grown(this.#ids, new Uint32Array(capacity))
    this.#distancesBits = grown(this.#distancesBits, new Uint16Array(capacity))
  }
}

/** Turns the columns of one query into objects. */
export function toMatches({ length, ids, distancesBits }: BatchMatches): IndexMatch[] {
  // Every column has `length` elements.
  return Array.from({ length }, (_, i) => ({ id: ids[i]!, distanceBits: distancesBits[i]! }))
}

/**
 * Checks a radius.
 *
 * @throws {PdqError} `radius_invalid` unless it is a whole number of bits from 0 to 256.
 */
export function assertRadius(radiusBits: number): void {
  if (!Number.isInteger(radiusBits) || radiusBits < 0 || radiusBits > 256) {
    throw new PdqError("radius_invalid", `expected a radius of 0 to 256 bits, got ${String(radiusBits)}`)
  }
}

function grown<T extends Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
