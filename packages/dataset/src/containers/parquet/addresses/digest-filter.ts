/**
 * A set of the first 64 bits of digests, which answers most look-ups by one bit.
 * @module
 */

/** Sorted prefixes of a list's digests of one type. */
export interface DigestPrefixes {
  readonly upper: Uint32Array
  readonly lower: Uint32Array
}

/** Bits for each prefix: one look-up in a thousand finds both of its bits by accident. */
const BITS_EACH = 32

/** The prefixes of one type of digest. */
export class DigestFilter {
  readonly #bits: Uint32Array
  readonly #shift: number

  constructor(tables: readonly DigestPrefixes[]) {
    const count = tables.reduce((sum, { upper }) => sum + upper.length, 0)
    const power = Math.min(31, Math.max(10, Math.ceil(Math.log2(Math.max(1, count) * BITS_EACH))))
    this.#bits = new Uint32Array(2 ** (power - 5))
    this.#shift = 32 - power
    for (const { upper, lower } of tables) {
      for (let row = 0; row < upper.length; row++) {
        this.#set((upper[row] as number) >>> this.#shift)
        this.#set((lower[row] as number) >>> this.#shift)
      }
    }
  }

  /** Whether a prefix may be in the set; never false for one that is. */
  has(upper: number, lower: number): boolean {
    const bits = this.#bits
    const one = upper >>> this.#shift
    if ((((bits[one >>> 5] as number) >>> (one & 31)) & 1) === 0) return false
    const two = lower >>> this.#shift
    return (((bits[two >>> 5] as number) >>> (two & 31)) & 1) === 1
  }

  #set(bit: number): void {
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31))
  }
}
