/** Reads bits, lowest first. Reads zeros after the end, which {@link isOver} reports. */
export class Bits {
  readonly #data: Uint8Array
  #at = 0

  constructor(data: Uint8Array) {
    this.#data = data
  }

  /** Whether reads went past the end. */
  get isOver(): boolean {
    return this.#at > this.#data.length * 8
  }

  /** Whether only zero bits that fill the last byte are left. */
  get isAtEnd(): boolean {
    const left = this.#data.length * 8 - this.#at
    return left >= 0 && left < 8 && this.peek(left) === 0
  }

  /** The next bits, at most 24, without consuming them. */
  peek(count: number): number {
    const byte = this.#at >>> 3
    const data = this.#data
    const word =
      (data[byte] ?? 0) | ((data[byte + 1] ?? 0) << 8) | ((data[byte + 2] ?? 0) << 16) | ((data[byte + 3] ?? 0) << 24)
    return (word >>> (this.#at & 7)) & (2 ** count - 1)
  }

  skip(count: number): void {
    this.#at += count
  }

  /** Consumes the next bits, at most 24. */
  read(count: number): number {
    const value = this.peek(count)
    this.#at += count
    return value
  }
}
