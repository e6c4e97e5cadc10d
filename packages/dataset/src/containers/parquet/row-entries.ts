import type { ColumnReader } from "./column.ts"
import { tooLarge } from "./malformed.ts"

/** Values of one column in one row: a list's elements, or one. */
const MAX_ROW_ENTRIES = 2 ** 22

/** The entries of one column in one row, reused for the next row. */
export class RowEntries {
  size = 0
  /** Position of the next entry to be assembled. */
  position = 0
  readonly repetitions: number[] = []
  readonly definitions: number[] = []
  readonly bytes: Uint8Array[] = []
  readonly starts: number[] = []
  readonly lengths: number[] = []
  readonly offsets: (number | undefined)[] = []

  /**
   * Reads a column's entries up to the next row.
   *
   * @param isFlat - Whether the column has one entry in each row.
   * @param keepsOffsets - Whether places in the file are wanted.
   * @throws {ShardError} `shard_limit` for a row with too many; others as `ColumnReader`.
   */
  async read(column: ColumnReader, isFlat: boolean, keepsOffsets: boolean): Promise<void> {
    this.size = 0
    this.position = 0
    if (!column.isReady) await column.load()
    this.#push(column, keepsOffsets)
    if (isFlat) return
    for (;;) {
      if (column.isDone) return
      if (!column.isReady) await column.load()
      if (column.peekRepetition() === 0) return
      this.#push(column, keepsOffsets)
    }
  }

  #push(column: ColumnReader, keepsOffsets: boolean): void {
    column.next()
    const index = this.size++
    if (index >= MAX_ROW_ENTRIES) throw tooLarge("longer lists")
    this.repetitions[index] = column.repetition
    this.definitions[index] = column.definition
    this.bytes[index] = column.bytes
    this.starts[index] = column.start
    this.lengths[index] = column.length
    if (keepsOffsets) this.offsets[index] = column.fileOffset
  }
}
