/**
 * A text derived from another one, with the source position of each code unit.
 * @module
 */

/** A growing buffer of UTF-16 code units, each with its source position. */
export class Mapped {
  units: Uint16Array
  /** Source position of the code unit or escape from which each unit comes. Never decreases. */
  positions: Int32Array
  length = 0

  constructor(capacity: number) {
    this.units = new Uint16Array(capacity)
    this.positions = new Int32Array(capacity)
  }

  /** Empties the buffer and reserves space for about this many units. */
  reset(capacity: number): this {
    this.length = 0
    if (this.units.length >= capacity) return this
    this.units = new Uint16Array(capacity)
    this.positions = new Int32Array(capacity)
    return this
  }

  /** Adds one unit. */
  push(unit: number, offset: number): void {
    if (this.length === this.units.length) this.#grow()
    this.units[this.length] = unit
    this.positions[this.length++] = offset
  }

  /** The units as a string. */
  toString(): string {
    let text = ""
    for (let from = 0; from < this.length; from += 8192) {
      text += String.fromCharCode(...this.units.subarray(from, Math.min(this.length, from + 8192)))
    }
    return text
  }

  #grow(): void {
    const capacity = this.length * 2 + 16
    const units = new Uint16Array(capacity)
    const positions = new Int32Array(capacity)
    units.set(this.units)
    positions.set(this.positions)
    this.units = units
    this.positions = positions
  }
}
