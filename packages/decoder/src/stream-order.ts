import { SNIFF_BYTES } from "@nightlight/core"
import { MAX_PART_BYTES } from "./protocol.ts"

/** How often a child may begin to read a stream: its head, and all of it. */
const MOST_READINGS = 2

/** Waiting allowed in multiples of an item's time limit, so that a store may stall and be asked again. */
const STALLS = 10

/** Waiting allowed for each part, milliseconds. */
const MS_A_PART = 1000

/**
 * The order in which a child may ask for the parts of a stream: from its start, each full part after the one before.
 * Only the head, which tells the type of a file, may be shorter. So each byte is asked for {@link MOST_READINGS}
 * times at most, in at most two demands more than its parts take.
 */
export class StreamOrder {
  readonly #length: number
  #next = 0
  #readings = 0

  /** @param length - Bytes of the stream. */
  constructor(length: number) {
    this.#length = length
  }

  /** Whether the child may ask for this part now. */
  accept(offset: number, length: number): boolean {
    if (offset === 0) {
      if (++this.#readings > MOST_READINGS) return false
    } else if (offset !== this.#next) {
      return false
    }
    const isFull = length === Math.min(MAX_PART_BYTES, this.#length - offset)
    const isHead = offset === 0 && length === Math.min(SNIFF_BYTES, this.#length)
    if (!isFull && !isHead) return false
    this.#next = offset + length
    return true
  }
}

/**
 * Longest time that this process may read the parts of one item for a child, milliseconds.
 *
 * @param length - Bytes of the stream.
 * @param timeoutMs - The item's own time limit.
 */
export function maxWaitMs(length: number, timeoutMs: number): number {
  return STALLS * timeoutMs + Math.ceil(length / MAX_PART_BYTES) * MS_A_PART
}
