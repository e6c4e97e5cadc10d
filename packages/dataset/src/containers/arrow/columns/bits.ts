/** Whether a bit is set; bits are counted from the lowest of each byte. */
export function bitAt(bits: Uint8Array, index: number): boolean {
  return (((bits[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1
}

/** Counts set bits among the first ones. */
export function countBits(bits: Uint8Array, length: number): number {
  let count = 0
  const whole = length >>> 3
  for (let index = 0; index < whole; index++) count += ONES[bits[index] ?? 0] ?? 0
  for (let index = whole * 8; index < length; index++) if (bitAt(bits, index)) count++
  return count
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length)

/** Gathers bits one after another. */
export class BitWriter {
  readonly bytes: Uint8Array
  #length = 0

  /** @param length - Of the bits to come. */
  constructor(length: number) {
    this.bytes = new Uint8Array(Math.ceil(length / 8))
  }

  push(isSet: boolean): void {
    const index = this.#length++
    if (isSet) this.bytes[index >>> 3] = (this.bytes[index >>> 3] ?? 0) | (1 << (index & 7))
  }
}
