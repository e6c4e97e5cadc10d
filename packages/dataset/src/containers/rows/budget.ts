import type { ReaderLimits } from "../../readers/types.ts"
import { bomb, tooLarge } from "./table-errors.ts"

/** Parts that one file may have in memory at once, as multiples of an item's limit. */
const HELD_ITEMS = 4

/** Counts the memory and work that reading a file takes. */
export class Budget {
  readonly limits: ReaderLimits
  readonly #sizeBytes: number
  readonly #title: string
  #held = 0
  #inflated = 0

  /**
   * @param sizeBytes - Of the file.
   * @param title - What errors call it, such as `a Parquet file`.
   */
  constructor(limits: ReaderLimits, sizeBytes: number, title: string) {
    this.#title = title
    this.limits = limits
    this.#sizeBytes = sizeBytes
  }

  /**
   * Counts bytes that are about to be held.
   *
   * @throws {ShardError} `shard_limit` if all of them together are too large.
   */
  hold(bytes: number): void {
    this.#held += bytes
    if (this.#held > HELD_ITEMS * this.limits.itemBytes) throw tooLarge(this.#title, "larger parts side by side")
  }

  release(bytes: number): void {
    this.#held -= bytes
  }

  /**
   * Checks a page or buffer before it is inflated.
   *
   * @throws {ShardError} `shard_limit` if it is too large to be held; `shard_bomb` if it inflates beyond the ratio.
   */
  assertInflates(compressedBytes: number, bytes: number): void {
    const { itemBytes, ratio, ratioFloorBytes } = this.limits
    if (bytes > itemBytes || compressedBytes > itemBytes) throw tooLarge(this.#title, "a larger part")
    if (bytes > ratioFloorBytes && bytes > compressedBytes * ratio) throw bomb(this.#title)
  }

  /**
   * Counts values as they are read: a dictionary or a run repeats them at no cost of bytes.
   *
   * @throws {ShardError} `shard_bomb`
   */
  count(bytes: number): void {
    this.#inflated += bytes
    const { inflatedBytes, ratio, ratioFloorBytes } = this.limits
    if (this.#inflated <= ratioFloorBytes) return
    if (this.#inflated > inflatedBytes || this.#inflated > REPEATED * ratio * this.#sizeBytes) throw bomb(this.#title)
  }
}

/** A part may inflate by the ratio, and its values may repeat as often again. */
const REPEATED = 200
