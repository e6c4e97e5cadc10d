import type { Bits } from "./bits.ts"

/** Longest code, bits. */
const MAX_BITS = 15
/** Longest code that is found by a single look-up. */
const TABLE_BITS = 8

/** A canonical prefix code, read from its first bit on (RFC 9649, 3.7.2). */
export class PrefixCode {
  /** Symbols in order of their codes; a single symbol takes no bits. */
  readonly #symbols: Uint16Array
  /** Codes of each length. */
  readonly #counts: Uint16Array
  /** By the next bits: length and symbol, or 0 where the code is longer. */
  readonly #table: Uint16Array

  private constructor(symbols: Uint16Array, counts: Uint16Array, lengths: Uint8Array) {
    this.#symbols = symbols
    this.#counts = counts
    this.#table = symbols.length === 1 ? new Uint16Array(0) : tableOf(counts, symbols, lengths)
  }

  /**
   * The code with these lengths; `undefined` where they leave bits without a symbol or have too few bits for their
   * symbols.
   */
  static of(lengths: Uint8Array): PrefixCode | undefined {
    const counts = new Uint16Array(MAX_BITS + 1)
    for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1
    counts[0] = 0
    let room = 1
    let used = 0
    for (let length = 1; length <= MAX_BITS; length++) {
      room = room * 2 - (counts[length] ?? 0)
      used += counts[length] ?? 0
      if (room < 0) return undefined
    }
    if (used === 0 || (used > 1 && room !== 0)) return undefined
    const places = new Uint16Array(MAX_BITS + 2)
    for (let length = 1; length <= MAX_BITS; length++) {
      places[length + 1] = (places[length] ?? 0) + (counts[length] ?? 0)
    }
    const symbols = new Uint16Array(used)
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol] ?? 0
      if (length === 0) continue
      const place = places[length] ?? 0
      symbols[place] = symbol
      places[length] = place + 1
    }
    return new PrefixCode(symbols, counts, lengths)
  }

  read(bits: Bits): number {
    if (this.#symbols.length === 1) return this.#symbols[0] ?? 0
    const entry = this.#table[bits.peek(TABLE_BITS)] ?? 0
    if (entry !== 0) {
      bits.skip(entry >> 12)
      return entry & 0xfff
    }
    const next = bits.peek(MAX_BITS)
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= (next >> (length - 1)) & 1
      const count = this.#counts[length] ?? 0
      if (code - first < count) {
        bits.skip(length)
        return this.#symbols[index + code - first] ?? 0
      }
      index += count
      first = (first + count) * 2
      code *= 2
    }
    throw new Error("a complete code has a symbol for all bits")
  }
}

function tableOf(counts: Uint16Array, symbols: Uint16Array, lengths: Uint8Array): Uint16Array {
  const table = new Uint16Array(2 ** TABLE_BITS)
  let code = 0
  let index = 0
  for (let length = 1; length <= TABLE_BITS; length++) {
    for (let k = 0; k < (counts[length] ?? 0); k++, code++, index++) {
      const symbol = symbols[index] ?? 0
      for (let offset = reversed(code, length); offset < table.length; offset += 2 ** length) {
        table[offset] = ((lengths[symbol] ?? 0) << 12) | symbol
      }
    }
    code *= 2
  }
  return table
}

function reversed(code: number, length: number): number {
  let turned = 0
  for (let k = 0; k < length; k++) turned |= ((code >> k) & 1) << (length - 1 - k)
  return turned
}
