/**
 * Whole numbers stored as differences, in blocks of bit-packed miniblocks.
 *
 * Source: Apache Parquet, `Encodings.md`, "Delta Encoding".
 * @module
 */
import { malformed } from "./malformed.ts"

/** Reads numbers in order. */
export interface DeltaReader {
  /** @throws {ShardError} `shard_malformed` where there is none. */
  next(): bigint
  /** Offset behind the last block, found without changing what `next` returns. @throws {ShardError} `shard_malformed` */
  findEnd(): number
  /** Bytes behind the last block that was begun. */
  unusedBytes(): number
}

/** Opens a sequence of numbers. @throws {ShardError} `shard_malformed` */
export function openDelta(bytes: Uint8Array, start: number): DeltaReader {
  return new Deltas(bytes, start)
}

class Deltas implements DeltaReader {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #miniblocks: number
  readonly #perMiniblock: number
  #offset: number
  #remaining: number
  #value: bigint
  #isFirst = true
  #minimum = 0n
  /** Bit widths of the current block's miniblocks. */
  #widths: Uint8Array = new Uint8Array()
  #miniblock = 0
  #left = 0
  #width = 0
  #bit = 0

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.#start = start
    this.#offset = start
    const blockSize = Number(this.#unsigned())
    this.#miniblocks = Number(this.#unsigned())
    this.#remaining = Number(this.#unsigned())
    this.#value = this.#signed()
    this.#perMiniblock = blockSize / this.#miniblocks
    // The format asks for multiples of 128 and 32; a miniblock of a million values is nobody's.
    if (!Number.isInteger(this.#perMiniblock) || this.#perMiniblock % 8 !== 0 || blockSize > 2 ** 20) throw malformed()
    if (this.#miniblocks > 512 || this.#remaining > 2 ** 31) throw malformed()
  }

  next(): bigint {
    if (this.#remaining === 0) throw malformed()
    this.#remaining--
    if (this.#isFirst) {
      this.#isFirst = false
      return this.#value
    }
    if (this.#left === 0) this.#beginMiniblock()
    this.#left--
    this.#value = BigInt.asIntN(64, this.#value + this.#minimum + this.#packed())
    return this.#value
  }

  findEnd(): number {
    const copy = new Deltas(this.#bytes, this.#start)
    // A last miniblock is stored whole, however few of its values count.
    copy.#skipAll()
    return copy.#offset
  }

  unusedBytes(): number {
    return this.#bytes.length - this.#offset
  }

  #skipAll(): void {
    for (let rest = this.#remaining - 1; rest > 0; rest -= this.#perMiniblock) this.#beginMiniblock()
  }

  #beginMiniblock(): void {
    if (this.#miniblock === this.#widths.length) {
      this.#minimum = this.#signed()
      this.#widths = this.#bytes.subarray(this.#offset, this.#offset + this.#miniblocks)
      if (this.#widths.length < this.#miniblocks) throw malformed()
      this.#offset += this.#miniblocks
      this.#miniblock = 0
    }
    this.#width = this.#widths[this.#miniblock++] ?? 0
    if (this.#width > 64) throw malformed()
    this.#left = this.#perMiniblock
    this.#bit = this.#offset * 8
    this.#offset += (this.#perMiniblock * this.#width) / 8
    if (this.#offset > this.#bytes.length) throw malformed()
  }

  #packed(): bigint {
    const width = this.#width
    if (width === 0) return 0n
    const first = this.#bit >>> 3
    const shift = this.#bit & 7
    this.#bit += width
    if (shift + width <= 48) {
      let value = 0
      for (let index = 0; index * 8 < shift + width; index++)
        value += (this.#bytes[first + index] ?? 0) * 2 ** (8 * index)
      return BigInt(Math.floor(value / 2 ** shift) % 2 ** width)
    }
    let wide = 0n
    for (let index = 0; index * 8 < shift + width; index++) {
      wide |= BigInt(this.#bytes[first + index] ?? 0) << BigInt(8 * index)
    }
    return BigInt.asUintN(width, wide >> BigInt(shift))
  }

  #unsigned(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#offset++]
      if (byte === undefined) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw malformed()
  }

  #signed(): bigint {
    const value = BigInt.asUintN(64, this.#unsigned())
    return (value >> 1n) ^ -(value & 1n)
  }
}
