import { malformed } from "./malformed.ts"

/**
 * Reads levels, dictionary indexes and booleans: runs of one value, and groups of eight bit-packed ones. Nothing is
 * allocated, so a run of any length costs nothing.
 *
 * Source: Apache Parquet, `Encodings.md`, "RLE / Bit-Packing Hybrid".
 */
export class HybridReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #width: number
  /** Offset of the next run's header. */
  #offset: number
  #left = 0
  #value = 0
  #isPacked = false
  /** Position of the next packed value, in bits. */
  #bit = 0

  /** @param width - Bits of a value, 0 to 32; with 0 every value is 0, and no byte is read. */
  constructor(bytes: Uint8Array, start: number, end: number, width: number) {
    if (width > 32 || start > end || end > bytes.length) throw malformed()
    this.#bytes = bytes
    this.#offset = start
    this.#end = end
    this.#width = width
  }

  /** Bytes behind the last run that was begun. */
  get unusedBytes(): number {
    return this.#width === 0 ? 0 : this.#end - this.#offset
  }

  /** @throws {ShardError} `shard_malformed` where there is none. */
  next(): number {
    if (this.#width === 0) return 0
    while (this.#left === 0) this.#begin()
    this.#left--
    if (!this.#isPacked) return this.#value
    const bit = this.#bit
    this.#bit = bit + this.#width
    return this.#packed(bit)
  }

  /**
   * Reads several values.
   *
   * @throws {ShardError} `shard_malformed` where there are fewer.
   */
  fill(values: Int32Array, count: number): void {
    for (let index = 0; index < count; ) {
      if (this.#width === 0 || this.#left === 0 || this.#isPacked) values[index++] = this.next()
      else {
        const run = Math.min(this.#left, count - index)
        values.fill(this.#value, index, index + run)
        this.#left -= run
        index += run
      }
    }
  }

  #begin(): void {
    let header = 0
    let scale = 1
    for (;;) {
      if (this.#offset >= this.#end || scale > 2 ** 35) throw malformed()
      const byte = this.#bytes[this.#offset++] ?? 0
      header += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) break
    }
    this.#isPacked = header % 2 === 1
    const count = Math.floor(header / 2)
    if (this.#isPacked) {
      this.#left = count * 8
      this.#bit = this.#offset * 8
      // Some writers cut off the last group's unused bytes.
      this.#offset = Math.min(this.#end, this.#offset + count * this.#width)
      return
    }
    this.#left = count
    const bytes = Math.ceil(this.#width / 8)
    if (this.#offset + bytes > this.#end) throw malformed()
    this.#value = 0
    for (let index = 0; index < bytes; index++) this.#value += (this.#bytes[this.#offset++] ?? 0) * 2 ** (8 * index)
  }

  #packed(bit: number): number {
    const first = bit >>> 3
    const shift = bit & 7
    const width = this.#width
    if (bit + width > this.#end * 8) throw malformed()
    const bytes = this.#bytes
    if (shift + width <= 24) {
      const three = (bytes[first] ?? 0) | ((bytes[first + 1] ?? 0) << 8) | ((bytes[first + 2] ?? 0) << 16)
      return (three >>> shift) & ((1 << width) - 1)
    }
    let value = 0
    for (let index = 0; index * 8 < shift + width; index++) value += (bytes[first + index] ?? 0) * 2 ** (8 * index)
    return Math.floor(value / 2 ** shift) % 2 ** width
  }
}

/** Bits that a level up to `max` takes. */
export function levelBits(max: number): number {
  return 32 - Math.clz32(max)
}
