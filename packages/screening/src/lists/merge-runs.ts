/**
 * Second half of the external sort: merges the sorted runs and removes duplicates.
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs"
import { DependencyError } from "@nightlight/core"
import { MinHeap } from "./min-heap.ts"
import { compareRecords, ID_LIMIT_BYTES, NO_QUALITY, RECORD_BYTES } from "./record-layout.ts"

const BUFFER_BYTES = 262_144
const LONGEST_BYTES = RECORD_BYTES + 2 + ID_LIMIT_BYTES

/** An entry for the record file; reused from call to call. */
export interface MergedEntry {
  /** 40 bytes; its category is a place among the sorted ones, and its id's place is not set. */
  readonly record: Buffer
  /** Holds the id in its first {@link idLength} bytes. */
  readonly id: Buffer
  /** 0 for no id. */
  readonly idLength: number
}

/**
 * Merges sorted runs. One of the records with the same type, hash and category remains, with their smallest id and
 * highest quality.
 *
 * @param places - the position among the sorted categories of each category number in the runs.
 * @param emit - receives entries ascending by type, hash, category position; an entry is reused after the call.
 * @param pause - called every few thousand records; it throws to stop the merge.
 * @returns number of duplicates left out.
 */
export async function mergeRuns(
  paths: readonly string[],
  places: Uint16Array,
  emit: (entry: MergedEntry) => void,
  pause: () => Promise<void>,
): Promise<number> {
  const readers: RunReader[] = []
  try {
    for (const path of paths) readers.push(new RunReader(path))
    const heap = new MinHeap<RunReader>((a, b) => compareRecords(a.buffer, a.at, b.buffer, b.at))
    for (const reader of readers) if (reader.next()) heap.push(reader)
    const group = new Group(places, emit)
    for (let taken = 1; heap.top !== undefined; taken++) {
      group.add(heap.top)
      if (heap.top.next()) heap.settleTop()
      else heap.pop()
      if (taken % 65_536 === 0) await pause()
    }
    group.flush()
    return group.duplicates
  } finally {
    for (const reader of readers) reader.close()
  }
}

/** Records with one type and hash, by category. Most groups have one record, for which nothing is allocated. */
class Group {
  duplicates = 0
  readonly #places: Uint16Array
  readonly #emit: (entry: MergedEntry) => void
  readonly #first = new GroupEntry()
  #size = 0
  readonly #others = new Map<number, GroupEntry>()

  constructor(places: Uint16Array, emit: (entry: MergedEntry) => void) {
    this.#places = places
    this.#emit = emit
  }

  add(reader: RunReader): void {
    const { buffer, at } = reader
    if (this.#size > 0 && compareRecords(this.#first.record, 0, buffer, at) !== 0) this.flush()
    const place = this.#places[buffer.readUInt16LE(at + 2)] ?? 0
    if (this.#size === 0) this.#first.take(reader, place)
    else {
      const known = this.#first.place === place ? this.#first : this.#others.get(place)
      if (known !== undefined) {
        this.duplicates++
        known.merge(reader)
        return
      }
      const entry = new GroupEntry()
      entry.take(reader, place)
      this.#others.set(place, entry)
    }
    this.#size++
  }

  flush(): void {
    if (this.#size === 1) this.#emit(this.#first)
    else if (this.#size > 1) {
      for (const entry of [this.#first, ...this.#others.values()].sort((a, b) => a.place - b.place)) this.#emit(entry)
      this.#others.clear()
    }
    this.#size = 0
  }
}

/** One entry of a group. */
class GroupEntry implements MergedEntry {
  readonly record = Buffer.alloc(RECORD_BYTES)
  readonly id = Buffer.alloc(ID_LIMIT_BYTES)
  idLength = 0
  place = 0

  take(reader: RunReader, place: number): void {
    reader.buffer.copy(this.record, 0, reader.at, reader.at + RECORD_BYTES)
    this.record.writeUInt16LE(place, 2)
    this.place = place
    this.#takeId(reader)
  }

  /** Takes over a duplicate's smaller id and higher quality. */
  merge(reader: RunReader): void {
    const { buffer, at, idLength } = reader
    this.record[1] = betterQuality(this.record[1] ?? NO_QUALITY, buffer[at + 1] ?? NO_QUALITY)
    const idAt = at + RECORD_BYTES + 2
    const order = this.idLength === 0 ? 1 : this.id.compare(buffer, idAt, idAt + idLength, 0, this.idLength)
    if (idLength > 0 && order > 0) this.#takeId(reader)
  }

  #takeId({ buffer, at, idLength }: RunReader): void {
    const idAt = at + RECORD_BYTES + 2
    if (idLength > 0) buffer.copy(this.id, 0, idAt, idAt + idLength)
    this.idLength = idLength
  }
}

function betterQuality(a: number, b: number): number {
  if (a === NO_QUALITY) return b
  return b === NO_QUALITY ? a : Math.max(a, b)
}

/** Reads one run in order. */
class RunReader {
  /** Holds the current record from {@link at} on. */
  buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  at = 0
  idLength = 0
  readonly #fd: number
  #next = 0
  #end = 0
  #ended = false

  constructor(path: string) {
    this.#fd = openSync(path, "r")
  }

  /** Moves to the next record. @returns false at the end. */
  next(): boolean {
    if (!this.#ended && this.#end - this.#next < LONGEST_BYTES) this.#fill()
    if (this.#next === this.#end) return false
    this.at = this.#next
    const left = this.#end - this.#next - RECORD_BYTES - 2
    this.idLength = left < 0 ? 0 : this.buffer.readUInt16LE(this.at + RECORD_BYTES)
    this.#next += RECORD_BYTES + 2 + this.idLength
    if (left < this.idLength) throw new DependencyError("source_changed", "a file of the import was changed")
    return true
  }

  close(): void {
    closeSync(this.#fd)
  }

  #fill(): void {
    this.buffer.copyWithin(0, this.#next, this.#end)
    this.#end -= this.#next
    this.#next = 0
    for (;;) {
      const read = readSync(this.#fd, this.buffer, this.#end, BUFFER_BYTES - this.#end, null)
      this.#end += read
      this.#ended = read === 0
      if (this.#ended || this.#end >= LONGEST_BYTES) return
    }
  }
}
