/**
 * Reads a column chunk entry by entry.
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import type { Budget } from "../rows/budget.ts"
import type { ColumnChunk } from "./footer.ts"
import { HybridReader, levelBits } from "./hybrid.ts"
import { malformed } from "./malformed.ts"
import { type Page, PageReader } from "./pages.ts"
import type { Leaf, SchemaNode } from "./schema.ts"
import { type Dictionary, openValues, readDictionary, uint32, type ValueReader } from "./values.ts"

/** Bytes of padding that writers leave behind a page's values. */
const PADDING_BYTES = 1024

/** What reading an entry costs, in bytes that could be read instead. */
const ENTRY_BYTES = 16

const NO_BYTES = new Uint8Array()

/** A column chunk that is read. The fields describe the entry that the last `next` read. */
export class ColumnReader {
  repetition = 0
  definition = 0
  /** Whether the entry is a value; else a null, or an empty list. */
  hasValue = false
  /** Its bytes: see `ValueReader`. */
  bytes: Uint8Array = NO_BYTES
  start = 0
  length = 0

  readonly #node: SchemaNode & { readonly leaf: Leaf }
  readonly #pages: PageReader
  readonly #budget: Budget
  readonly #total: number
  #seen = 0
  #peeked: number | undefined
  #page: Page | undefined
  #left = 0
  #values: ValueReader | undefined
  #repetitions: HybridReader | undefined
  #definitions: HybridReader | undefined
  #dictionary: Dictionary | undefined
  #heldBytes = 0
  #dictionaryBytes = 0

  constructor(
    source: RandomSource,
    { node, chunk }: { readonly node: SchemaNode & { readonly leaf: Leaf }; readonly chunk: ColumnChunk },
    { budget, isDigested }: { readonly budget: Budget; readonly isDigested: boolean },
  ) {
    this.#node = node
    this.#budget = budget
    this.#total = chunk.entries
    this.#pages = new PageReader(source, chunk, { budget, isDigested })
  }

  /** Whether every entry was read. */
  get isDone(): boolean {
    return this.#seen === this.#total
  }

  /** Offset in the file of the entry's bytes, where they are stored as they are. */
  get fileOffset(): number | undefined {
    const offset = this.#page?.offset
    return offset !== undefined && this.bytes === this.#page?.bytes ? offset + this.start : undefined
  }

  /** Whether the next entry can be read without loading a page. */
  get isReady(): boolean {
    return this.#left > 0
  }

  /**
   * Loads pages until there is an entry.
   *
   * @throws {ShardError} `shard_malformed` if there is none; others as `PageReader.next`.
   */
  async load(): Promise<void> {
    while (this.#left === 0) this.#open(await this.#pages.next())
  }

  /** Repetition level of the next entry of a loaded page: 0 where a row begins. @throws {ShardError} `shard_malformed` */
  peekRepetition(): number {
    this.#peeked ??= this.#repetitions?.next() ?? 0
    return this.#peeked
  }

  /** Reads the next entry of a loaded page. @throws {ShardError} `shard_malformed`, `shard_bomb` */
  next(): void {
    this.#left--
    this.#seen++
    this.repetition = this.peekRepetition()
    this.#peeked = undefined
    this.definition = this.#definitions?.next() ?? 0
    const { repetition, definition } = this.#node
    if (this.repetition > repetition || this.definition > definition) throw malformed()
    this.hasValue = this.definition === definition
    if (this.hasValue) this.#readValue()
    else this.#budget.count(ENTRY_BYTES)
    if (this.#left === 0) this.#close()
  }

  #readValue(): void {
    const values = this.#values
    if (values === undefined) throw malformed()
    values.next()
    this.bytes = values.bytes
    this.start = values.start
    this.length = values.length
    this.#budget.count(this.length + ENTRY_BYTES)
  }

  /**
   * Ends the reading of the chunk.
   *
   * @returns SHA-256 of its bytes, and whether its dictionary has values that no row uses.
   * @throws {ShardError} `shard_malformed` if bytes are left that belong to no value.
   */
  finish(): { readonly sha256: string; readonly hasUnused: boolean } {
    if (!this.isDone || this.#left > 0 || !this.#pages.isAtEnd) throw malformed()
    this.#budget.release(this.#heldBytes + this.#dictionaryBytes)
    return { sha256: this.#pages.digest(), hasUnused: this.#dictionary?.used.includes(0) ?? false }
  }

  #open(page: Page): void {
    this.#budget.release(this.#heldBytes)
    this.#heldBytes = page.bytes.length
    this.#budget.hold(this.#heldBytes)
    const { leaf, repetition, definition } = this.#node
    if (page.kind === "dictionary") {
      if (this.#dictionary !== undefined || this.#page !== undefined) throw malformed()
      // The dictionary is held as long as the chunk is read, with an index of its values.
      this.#dictionaryBytes = this.#heldBytes + page.entries * 17
      this.#budget.hold(page.entries * 17)
      this.#dictionary = readDictionary(page.bytes, page.entries, leaf)
      this.#heldBytes = 0
      return
    }
    if (page.entries > this.#total - this.#seen) throw malformed()
    this.#page = page
    this.#left = page.entries
    const { bytes, entries: count, encoding } = page
    let start = 0
    const levels = (max: number, ownBytes: number): HybridReader | undefined => {
      if (page.kind === "data-2") {
        const reader = max === 0 ? undefined : new HybridReader(bytes, start, start + ownBytes, levelBits(max))
        start += ownBytes
        return reader
      }
      if (max === 0) return undefined
      const length = uint32(bytes, start)
      start += 4 + length
      return new HybridReader(bytes, start - length, start, levelBits(max))
    }
    this.#repetitions = levels(repetition, page.repetitionBytes)
    this.#definitions = levels(definition, page.definitionBytes)
    // A page of nulls may have no values at all.
    this.#values =
      start === bytes.length ? undefined : openValues({ bytes, start, count, encoding }, leaf, this.#dictionary)
    if (this.#left === 0) this.#close()
  }

  #close(): void {
    if ((this.#values?.unusedBytes() ?? 0) > PADDING_BYTES) throw malformed()
  }
}
