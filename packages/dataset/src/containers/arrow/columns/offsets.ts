import { malformed } from "../errors.ts"

/** Offsets or sizes of 32 or 64 bits. */
export class Offsets {
  readonly #view: DataView
  readonly #width: 4 | 8

  /** @throws {ShardError} `shard_malformed` if there are fewer than `count`. */
  constructor(bytes: Uint8Array, width: 4 | 8, count: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#width = width
    if (bytes.length < count * width) throw malformed()
  }

  /** @throws {ShardError} `shard_malformed` for a negative one or one above 2^53. */
  at(index: number): number {
    const place = index * this.#width
    const high = this.#width === 8 ? this.#view.getInt32(place + 4, true) : 0
    const value =
      this.#width === 8 ? high * 2 ** 32 + this.#view.getUint32(place, true) : this.#view.getInt32(place, true)
    if (value < 0 || high > 0x1fffff) throw malformed()
    return value
  }

  /**
   * Checks that there is an offset behind each value, none is below the one before, and all are within their target.
   *
   * @throws {ShardError} `shard_malformed`
   */
  static ascending(bytes: Uint8Array, width: 4 | 8, { length, end }: { length: number; end: number }): Offsets {
    // Without values there may be no offset at all.
    if (length === 0 && bytes.length < width) return new Offsets(new Uint8Array(width), width, 1)
    const offsets = new Offsets(bytes, width, length + 1)
    let before = offsets.at(0)
    for (let index = 1; index <= length; index++) {
      const next = offsets.at(index)
      if (next < before) throw malformed()
      before = next
    }
    if (before > end) throw malformed()
    return offsets
  }
}

/** Collects offsets of values, from the lengths of these. */
export class OffsetWriter {
  readonly bytes: Uint8Array
  /** Where the next value begins. */
  end = 0
  readonly #view: DataView
  readonly #width: 4 | 8
  #count = 1

  constructor(count: number, width: 4 | 8) {
    this.bytes = new Uint8Array((count + 1) * width)
    this.#view = new DataView(this.bytes.buffer)
    this.#width = width
  }

  push(length: number): void {
    this.end += length
    writeOffset(this.#view, this.#count++, this.#width, this.end)
  }
}

/** Writes an offset or size. */
export function writeOffset(view: DataView, index: number, width: 4 | 8, value: number): void {
  if (width === 8) view.setBigInt64(index * 8, BigInt(value), true)
  else view.setInt32(index * 4, value, true)
}
