/**
 * Dictionaries, and columns of indexes into them.
 * @module
 */
import type { ByteValue, RowBuilder } from "../../rows/row-builder.ts"
import { malformed } from "../errors.ts"
import { Column, type ColumnParts, type RebuiltParts } from "./column.ts"
import type { ScalarColumn } from "./scalars.ts"
import type { Span } from "./spans.ts"

/** Values that one message added to a dictionary. */
export interface DictionaryPart {
  readonly values: Column
  /** Position of its first value in the dictionary. */
  readonly start: number
  /** For each value: 0 where no row had it, {@link USE} otherwise. */
  readonly uses: Uint8Array
}

/** Whether a value is in a row, and in one that stays. */
export const USE = { seen: 1, kept: 2 } as const

/** The values that a row has of dictionaries, as they are written. */
export class RowUses {
  #uses: (readonly [DictionaryPart, number])[] = []

  add(part: DictionaryPart, index: number): void {
    this.#uses.push([part, index])
  }

  /** Ends a row. */
  take(isKept: boolean): void {
    for (const [part, index] of this.#uses) {
      part.uses[index] = (part.uses[index] ?? 0) | USE.seen | (isKept ? USE.kept : 0)
    }
    this.#uses = []
  }
}

/** A dictionary, as far as it was read. */
export class Dictionary {
  readonly parts: DictionaryPart[] = []
  readonly #releases: (() => void)[] = []
  #length = 0

  /**
   * Adds the values of a message.
   *
   * @param release - Called once the dictionary is no longer used.
   * @throws {ShardError} `shard_malformed`
   */
  add({ columns }: { readonly columns: readonly Column[] }, release: () => void): DictionaryPart {
    const [values] = columns
    if (values === undefined) throw malformed()
    const part = { values, start: this.#length, uses: new Uint8Array(values.length) }
    this.parts.push(part)
    this.#length += values.length
    this.#releases.push(release)
    return part
  }

  /** Gives back what its values hold in memory. */
  release(): void {
    for (const release of this.#releases) release()
  }

  /** @throws {ShardError} `shard_malformed` where there is no such value. */
  find(index: number): { readonly part: DictionaryPart; readonly position: number } {
    if (index < 0 || index >= this.#length) throw malformed()
    let low = 0
    let high = this.parts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.parts[middle]?.start ?? 0) <= index) low = middle
      else high = middle - 1
    }
    const part = this.parts[low]
    if (part === undefined) throw malformed()
    return { part, position: index - part.start }
  }
}

/** A column of indexes. */
export class DictionaryColumn extends Column {
  readonly #indexes: ScalarColumn
  readonly #dictionary: Dictionary
  readonly #uses: RowUses

  constructor(parts: ColumnParts, indexes: ScalarColumn, dictionary: Dictionary, uses: RowUses) {
    super(parts)
    this.#indexes = indexes
    this.#dictionary = dictionary
    this.#uses = uses
  }

  override isNull(index: number): boolean {
    if (super.isNull(index)) return true
    const { part, position } = this.#find(index)
    return part.values.isNull(position)
  }

  protected writeValue(row: RowBuilder, index: number): void {
    const { part, position } = this.#find(index)
    this.#uses.add(part, position)
    part.values.write(row, position)
  }

  override bytesAt(index: number): ByteValue | undefined {
    const { part, position } = this.#find(index)
    this.#uses.add(part, position)
    const value = part.values.bytesAt(position)
    return value === undefined ? undefined : { ...value, name: this.name }
  }

  #find(index: number): ReturnType<Dictionary["find"]> {
    return this.#dictionary.find(this.#indexes.integerAt(index))
  }

  rebuild(spans: readonly Span[], parts: RebuiltParts): void {
    this.#indexes.rebuild(spans, parts)
  }
}
