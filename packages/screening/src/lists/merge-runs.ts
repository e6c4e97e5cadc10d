/**
 * Second half of the sort: the runs flow together in order, and what is there twice becomes one.
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs"
import { DependencyError } from "@nightlight/core"
import { MinHeap } from "./min-heap.ts"
import { compareRecords, ID_LIMIT_BYTES, NO_QUALITY, RECORD_BYTES } from "./record-layout.ts"

const BUFFER_BYTES = 262_144
const LONGEST_BYTES = RECORD_BYTES + 2 + ID_LIMIT_BYTES

/** An entry as it goes into the record file. */
export interface MergedEntry {
  /** 40 bytes; its category is a place among the sorted ones, its id's place not set. */
  readonly record: Buffer
  readonly id: Buffer | undefined
}

/**
 * Merges sorted runs. Of records with the same type, hash and category one is left: with the smallest id of theirs and
 * the highest quality.
 *
 * @param places - the place among the sorted categories of each category number in the runs.
 * @param emit - receives entries ascending by type, hash, category place; they are not used afterwards.
 * @param pause - called every few thousand records; throws to stop.
 * @returns how many records were left out as duplicates.
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

/** Records of one type and hash, by category. */
class Group {
  duplicates = 0
  readonly #places: Uint16Array
  readonly #emit: (entry: MergedEntry) => void
  readonly #entries = new Map<number, MergedEntry>()
  #key: Buffer | undefined

  constructor(places: Uint16Array, emit: (entry: MergedEntry) => void) {
    this.#places = places
    this.#emit = emit
  }

  add({ buffer, at, idLength }: RunReader): void {
    if (this.#key !== undefined && compareRecords(this.#key, 0, buffer, at) !== 0) this.flush()
    const place = this.#places[buffer.readUInt16LE(at + 2)] ?? 0
    const idAt = at + RECORD_BYTES + 2
    const known = this.#entries.get(place)
    if (known === undefined) {
      const record = Buffer.from(buffer.subarray(at, at + RECORD_BYTES))
      record.writeUInt16LE(place, 2)
      this.#entries.set(place, { record, id: idLength === 0 ? undefined : copy(buffer, idAt, idLength) })
      this.#key = record
      return
    }
    this.duplicates++
    known.record[1] = betterQuality(known.record[1] ?? NO_QUALITY, buffer[at + 1] ?? NO_QUALITY)
    const smaller = idLength > 0 && (known.id === undefined || known.id.compare(buffer, idAt, idAt + idLength) > 0)
    if (smaller) this.#entries.set(place, { record: known.record, id: copy(buffer, idAt, idLength) })
  }

  flush(): void {
    const places = [...this.#entries.keys()]
    if (places.length > 1) places.sort((a, b) => a - b)
    for (const place of places) {
      const entry = this.#entries.get(place)
      if (entry !== undefined) this.#emit(entry)
    }
    this.#entries.clear()
    this.#key = undefined
  }
}

function copy(buffer: Buffer, at: number, length: number): Buffer {
  return Buffer.from(buffer.subarray(at, at + length))
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
