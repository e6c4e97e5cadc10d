/**
 * Collects values that do not lie one behind the other, so that many are tested in one call.
 * @module
 */
import type { ColumnModule, FoundValue, Role } from "./column-module.ts"

const BATCH_BYTES = 2 ** 20
const BATCH_VALUES = 2 ** 16
const LENGTH_BYTES = 4

/** Values on their way to the module. */
export class PlainBatch {
  readonly #module: ColumnModule
  readonly #role: Role
  readonly #found: FoundValue
  #bytes = Buffer.allocUnsafe(BATCH_BYTES)
  #sizeBytes = 0
  #positions: number[] = []

  /** @param found - Receives each value that may be one to look at, under the position that it was added with. */
  constructor(module: ColumnModule, role: Role, found: FoundValue) {
    this.#module = module
    this.#role = role
    this.#found = found
  }

  /** Adds a copy of a value. */
  add(position: number, bytes: Uint8Array, start: number, length: number): void {
    if (this.#sizeBytes + LENGTH_BYTES + length > this.#bytes.length || this.#positions.length === BATCH_VALUES) {
      this.end()
      if (LENGTH_BYTES + length > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(LENGTH_BYTES + length)
    }
    this.#bytes.writeUInt32LE(length, this.#sizeBytes)
    this.#bytes.set(bytes.subarray(start, start + length), this.#sizeBytes + LENGTH_BYTES)
    this.#sizeBytes += LENGTH_BYTES + length
    this.#positions.push(position)
  }

  /** Tests what was added since the last test. */
  end(): void {
    const positions = this.#positions
    const bytes = this.#bytes.subarray(0, this.#sizeBytes)
    const values = { bytes, start: 0, entries: positions.length, levels: undefined, definition: 0 }
    this.#positions = []
    this.#sizeBytes = 0
    this.#module.testPlain(this.#role, values, (entry, tested, start, length) => {
      this.#found(positions[entry] ?? 0, tested, start, length)
    })
  }
}
