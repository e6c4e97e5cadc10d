import { join } from "node:path"
import { DependencyError, RequestError } from "@nightlight/core"
import { toWriteError, writeNewFile } from "@nightlight/durable"
import { HammingIndex, PdqError } from "@nightlight/pdq"
import { columnsOf, createTable, DIGEST_TYPES, type DigestType, fillDirectory } from "./digest-table.ts"
import { OUTPUT_NAME } from "./files.ts"
import type { INDEX_FILES, PartFiles } from "./index-document.ts"
import { MinHeap } from "./min-heap.ts"
import { HASH_AT, RECORD_BYTES } from "./record-layout.ts"
import type { SegmentEntries } from "./segment-entries.ts"

/** A part of an index, in memory and in files. */
export interface BuiltPart {
  readonly pdq: HammingIndex
  readonly digests: Uint32Array
  readonly files: PartFiles
}

/**
 * Builds a part of an index over lists, in their order, and writes it to files of these names.
 *
 * @throws {RequestError} `state_conflict`.
 * @throws {DependencyError} `unavailable`, `disk_full`, `write_failed`.
 */
export async function writePart(
  folder: string,
  names: Readonly<Record<keyof typeof INDEX_FILES, string>>,
  lists: readonly SegmentEntries[],
): Promise<BuiltPart> {
  const pdq = buildPdqIndex(lists)
  const digests = buildDigestTable(lists)
  const image = await pdq.writeImage(join(folder, names.pdq)).catch(unwritable)
  const table = await writeNewFile(join(folder, names.digests), new Uint8Array(digests.buffer), { what: OUTPUT_NAME })
  return { pdq, digests, files: { pdq: image, digests: table } }
}

function unwritable(error: unknown): never {
  if (!(error instanceof PdqError)) throw error
  throw toWriteError(Object.assign(new Error(error.message), { code: error.systemCode }), OUTPUT_NAME)
}

/**
 * Builds the PDQ index over all lists, in their order. Blocks the thread.
 *
 * @throws {RequestError} `state_conflict` when the lists have more PDQ hashes than one index can hold.
 * @throws {DependencyError} `unavailable` when there is not enough memory.
 */
function buildPdqIndex(lists: readonly SegmentEntries[]): HammingIndex {
  const total = lists.reduce((sum, { counts }) => sum + counts.pdq, 0)
  try {
    const parts = pdqChunks(lists)
    return HammingIndex.buildFrom({ rows: total, parts, recordBytes: RECORD_BYTES, hashAt: HASH_AT })
  } catch (error) {
    if (error instanceof PdqError && error.code === "index_too_large") {
      throw new RequestError("state_conflict", "the lists have more PDQ hashes than one index can hold", {
        details: { pdqEntries: total },
      })
    }
    if (error instanceof PdqError || error instanceof RangeError) {
      throw new DependencyError("unavailable", "not enough memory for the index of the lists")
    }
    throw error
  }
}

function* pdqChunks(lists: readonly SegmentEntries[]): Generator<Uint8Array, void, undefined> {
  for (const list of lists) yield* list.chunks("pdq")
}

/** Builds the table of digests over all lists by merging the sorted lists. */
function buildDigestTable(lists: readonly SegmentEntries[]): Uint32Array {
  const table = createTable(digestCounts(lists))
  for (const type of DIGEST_TYPES) {
    const columns = columnsOf(table, type)
    const heap = new MinHeap<PrefixCursor>((a, b) => a.upper - b.upper || a.lower - b.lower || a.list - b.list)
    let first = 0
    for (const [list, entries] of lists.entries()) {
      const cursor = new PrefixCursor(list, entries.chunks(type), first)
      first += entries.counts[type]
      if (cursor.next()) heap.push(cursor)
    }
    for (let row = 0; heap.top !== undefined; row++) {
      columns.upper[row] = heap.top.upper
      columns.lower[row] = heap.top.lower
      columns.references[row] = heap.top.reference
      if (heap.top.next()) heap.settleTop()
      else heap.pop()
    }
    fillDirectory(columns)
  }
  return table
}

/** Total digests of the lists, for each of {@link DIGEST_TYPES}. */
export function digestCounts(lists: readonly { readonly counts: Readonly<Record<DigestType, number>> }[]): number[] {
  return DIGEST_TYPES.map((type) => lists.reduce((sum, { counts }) => sum + counts[type], 0))
}

class PrefixCursor {
  readonly list: number
  upper = 0
  lower = 0
  reference: number
  readonly #chunks: Iterator<Buffer>
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(list: number, chunks: Iterable<Buffer>, first: number) {
    this.list = list
    this.#chunks = chunks[Symbol.iterator]()
    this.reference = first - 1
  }

  next(): boolean {
    if (this.#at >= this.#chunk.length) {
      const chunk = this.#chunks.next()
      if (chunk.done) return false
      this.#chunk = chunk.value
      this.#at = 0
    }
    this.upper = this.#chunk.readUInt32BE(this.#at + HASH_AT)
    this.lower = this.#chunk.readUInt32BE(this.#at + HASH_AT + 4)
    this.#at += RECORD_BYTES
    this.reference++
    return true
  }
}
