/**
 * A set of digests of equal length, optimised for looking up every row of a column.
 * @module
 */

/**
 * Open addressing on the first four bytes of each digest, which are effectively random; a candidate is compared in
 * full. Memory is four to eight bytes a digest besides the digests.
 */
export class DigestSet {
  readonly #digests: Uint8Array
  readonly #width: number
  /** Position of a digest plus one; 0 is free. A power of two, at least twice as many as digests. */
  readonly #slots: Uint32Array
  readonly #mask: number

  /**
   * @param digests - n times `width` bytes. Not copied. A duplicate digest is found once for each copy.
   * @param width - bytes of a digest, at least 4.
   */
  constructor(digests: Uint8Array, width: number) {
    this.#digests = digests
    this.#width = width
    const count = digests.length / width
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)))
    this.#slots = new Uint32Array(size)
    this.#mask = size - 1
    for (let position = 0; position < count; position++) this.#insert(position)
  }

  /**
   * Looks up every row of a column.
   *
   * @param column - m times `width` bytes. Not modified.
   * @param hit - called with the row and the position of the digest, ascending by row.
   */
  lookUp(column: Uint8Array, hit: (row: number, position: number) => void): void {
    const width = this.#width
    for (let row = 0, offset = 0; offset < column.length; row++, offset += width) {
      let slot = firstWord(column, offset) & this.#mask
      for (let entry = this.#slots[slot] ?? 0; entry !== 0; entry = this.#slots[slot] ?? 0) {
        if (this.#equals(entry - 1, column, offset)) hit(row, entry - 1)
        slot = (slot + 1) & this.#mask
      }
    }
  }

  #insert(position: number): void {
    let slot = firstWord(this.#digests, position * this.#width) & this.#mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask
    this.#slots[slot] = position + 1
  }

  #equals(position: number, column: Uint8Array, offset: number): boolean {
    const start = position * this.#width
    for (let byte = 0; byte < this.#width; byte++) {
      if (this.#digests[start + byte] !== column[offset + byte]) return false
    }
    return true
  }
}

function firstWord(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] ?? 0) |
    ((bytes[offset + 1] ?? 0) << 8) |
    ((bytes[offset + 2] ?? 0) << 16) |
    ((bytes[offset + 3] ?? 0) << 24)
  )
}
