/**
 * The exact Hamming index.
 *
 * Source: multi-index hashing (Norouzi, Punjani, Fleet 2012) over sixteen 16-bit halves, with the other half of the
 * same 32-bit word kept beside each entry; `assembly/hamming/probe.ts` says why that is exact.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { AT_COUNTS, malformed, parseHeader } from "./header.ts"
import { type ImageDigest, type OpenImageOptions, readImage, writeImage } from "./image.ts"
import { createKernel, type Kernel } from "./kernel.ts"
import { HEADER_BYTES, type Layout, QUERY_CAPACITY } from "./layout.ts"
import { assertRadius, type BatchMatches, type IndexMatch, MatchColumns, toMatches } from "./matches.ts"
import { assertHash, rowsOf } from "./rows.ts"
import { type BuildOptions, buildIndexMemory, compactedMemory, type HashRecords } from "./tables.ts"
import type { SharedMemory, WasmModule } from "./webassembly.ts"

/** What another thread needs to attach: pass it by `postMessage` or `workerData`. */
export interface IndexHandle {
  readonly module: WasmModule
  readonly memory: SharedMemory
}

/** What a scan answers when it reached the end, and `add` when the delta is full. */
const NONE = 0xffff_ffff

/**
 * Finds every hash within a radius, exactly: what a scan over all of them finds, it finds.
 *
 * Ids are positions: those built are 0 to n - 1, each one added gets the next, none is ever used twice. The index
 * lives in one shared memory, 128 bytes a hash; every thread that attaches sees additions and withdrawals at once.
 * An instance belongs to the thread that made it. The memory goes when the last instance and handle are collected.
 */
export class HammingIndex {
  readonly #kernel: Kernel
  readonly #layout: Layout
  /** The header's words: counts in it change under other threads' hands. */
  readonly #header: Uint32Array<SharedArrayBuffer>

  private constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#header = new Uint32Array(kernel.memory.buffer, 0, HEADER_BYTES / Uint32Array.BYTES_PER_ELEMENT)
    this.#layout = parseHeader(new DataView(kernel.memory.buffer))
  }

  /**
   * Builds an index. Blocks: 0.2 to 0.3 s a million hashes.
   *
   * @param hashes - n times 32 bytes, as {@link fromHex} gives them; duplicates are kept. Not modified.
   * @throws {PdqError} `hash_malformed` if the length is no multiple of 32; `index_too_large` beyond 4 GiB, about 33
   *   million hashes; `memory_exhausted`.
   */
  static build(hashes: Uint8Array, options: BuildOptions = {}): HammingIndex {
    const rows = rowsOf(hashes)
    return new HammingIndex(buildIndexMemory({ rows, parts: [hashes], recordBytes: HASH_BYTES, hashAt: 0 }, options))
  }

  /**
   * Builds an index of hashes that lie in records, without ever holding all of them beside it. Blocks.
   *
   * @throws {PdqError} `hash_malformed` if the parts are not that many whole records; else as {@link HammingIndex.build}.
   */
  static buildFrom(records: HashRecords, options: BuildOptions = {}): HammingIndex {
    return new HammingIndex(buildIndexMemory(records, options))
  }

  /**
   * Attaches this thread to an index that another one shares.
   *
   * @throws {PdqError} `image_malformed` if the handle is not one of {@link HammingIndex.share}; `memory_exhausted`
   *   after 256 attachments.
   */
  static attach(handle: IndexHandle): HammingIndex {
    if (!(handle?.memory?.buffer instanceof SharedArrayBuffer)) throw malformed("is not one that was shared")
    parseHeader(new DataView(handle.memory.buffer))
    return new HammingIndex(createKernel(handle.memory, handle.module))
  }

  /**
   * Reads an index from a file, straight into shared memory.
   *
   * @throws {PdqError} `image_malformed` if it is truncated, altered where that could lead a look-up astray, or no
   *   image; `image_digest_mismatch` if it is not the one expected; `image_unreadable`; `memory_exhausted`.
   */
  static async openImage(path: string, options: OpenImageOptions = {}): Promise<HammingIndex> {
    return new HammingIndex(await readImage(path, options))
  }

  /** Entries that look-ups can find. */
  get size(): number {
    return this.#layout.rows + this.#count("deltaReady") - this.#count("withdrawn")
  }

  /** Ids handed out so far, withdrawn ones included: the next one added gets this. */
  get idCount(): number {
    return this.#layout.rows + this.#count("deltaReserved")
  }

  /** Additions that still fit before {@link HammingIndex.compact} is due. */
  get deltaRemaining(): number {
    return this.#layout.deltaCapacity - this.#count("deltaReserved")
  }

  /** Bytes of memory the index takes, with the scratch of all threads. */
  get sizeBytes(): number {
    return this.#kernel.memory.buffer.byteLength
  }

  /** Makes a handle for other threads. It keeps the memory alive. */
  share(): IndexHandle {
    return { module: this.#kernel.module, memory: this.#kernel.memory }
  }

  /**
   * Finds every entry within `radiusBits` of a hash.
   *
   * @returns Ascending by id.
   * @throws {PdqError} `hash_malformed`, `radius_invalid`.
   */
  query(hash: Uint8Array, radiusBits: number): IndexMatch[] {
    assertHash(hash)
    return toMatches(this.queryBatch(hash, radiusBits))
  }

  /**
   * Finds every entry within `radiusBits` of each of many hashes. Radii up to 31 use the tables, others scan.
   *
   * @param hashes - m times 32 bytes. Not modified.
   * @returns Ascending by query, then by id.
   * @throws {PdqError} `hash_malformed`, `radius_invalid`.
   */
  queryBatch(hashes: Uint8Array, radiusBits: number): BatchMatches {
    const count = rowsOf(hashes)
    assertRadius(radiusBits)
    const matches = new MatchColumns()
    for (let first = 0; first < count; first += QUERY_CAPACITY) {
      const end = Math.min(count, first + QUERY_CAPACITY)
      this.#kernel.bytes.set(hashes.subarray(first * HASH_BYTES, end * HASH_BYTES), this.#kernel.scratch)
      this.#answer(end - first, radiusBits, (kernel) => matches.drain(kernel, first))
    }
    return matches.finish()
  }

  /**
   * Adds a hash, found by every thread's look-ups from now on.
   *
   * @returns Its id.
   * @throws {PdqError} `hash_malformed`; `delta_full` when {@link HammingIndex.compact} is due.
   */
  add(hash: Uint8Array): number {
    assertHash(hash)
    this.#kernel.bytes.set(hash, this.#kernel.scratch)
    const id = this.#kernel.exports.add() >>> 0
    if (id === NONE) {
      throw new PdqError("delta_full", `expected at most ${this.#layout.deltaCapacity} additions before a compaction`)
    }
    return id
  }

  /**
   * Withdraws an entry: no thread's look-up finds it from now on. Its bytes stay until {@link HammingIndex.compact}.
   *
   * @returns Whether it was there; false if it was withdrawn before.
   * @throws {PdqError} `id_unknown` if no entry ever had that id.
   */
  withdraw(id: number): boolean {
    this.#assertId(id)
    return this.#kernel.exports.withdraw(id) !== 0
  }

  /**
   * Copies an entry's hash; of a withdrawn one that was compacted away, zeros.
   *
   * @throws {PdqError} `id_unknown` if no entry ever had that id.
   */
  hashAt(id: number): Uint8Array {
    this.#assertId(id)
    const { rows, halfA, halfB, delta } = this.#layout
    const { bytes } = this.#kernel
    const slot = delta + (id - rows) * HASH_BYTES
    if (id >= rows) return bytes.slice(slot, slot + HASH_BYTES)
    const hash = new Uint8Array(HASH_BYTES)
    hash.set(bytes.subarray(halfA + id * 16, halfA + id * 16 + 16))
    hash.set(bytes.subarray(halfB + id * 16, halfB + id * 16 + 16), 16)
    return hash
  }

  /**
   * Builds a new index with the additions in its tables and the withdrawn hashes wiped. Ids stay. Blocks.
   *
   * This index stays as it is and goes on answering; additions and withdrawals made to it meanwhile by other threads
   * are not carried over beyond the new one's {@link HammingIndex.idCount}.
   *
   * @throws {PdqError} as {@link HammingIndex.build}.
   */
  compact(options: BuildOptions = {}): HammingIndex {
    return new HammingIndex(compactedMemory(this.#kernel, this.#layout, options))
  }

  /**
   * Writes the index to a file: whole or not at all, readable by its owner only.
   *
   * Additions and withdrawals made meanwhile by other threads may or may not be in it.
   *
   * @returns Size and SHA-256 of the file's bytes, to sign and to give to {@link HammingIndex.openImage}.
   * @throws {PdqError} `image_unwritable`.
   */
  async writeImage(path: string): Promise<ImageDigest> {
    return writeImage(this.#kernel.bytes, this.#layout, path)
  }

  #answer(count: number, radiusBits: number, drain: (kernel: Kernel) => void): void {
    const { exports } = this.#kernel
    let next = 0
    while (true) {
      next = exports.lookup(next, count, radiusBits)
      drain(this.#kernel)
      if (next >= count) return
      if (exports.needsScan() === 0) continue
      let row = 0
      do {
        row = exports.scan(next, radiusBits, row) >>> 0
        drain(this.#kernel)
      } while (row !== NONE)
      next++
    }
  }

  #count(name: keyof typeof AT_COUNTS): number {
    return Atomics.load(this.#header, AT_COUNTS[name] / Uint32Array.BYTES_PER_ELEMENT)
  }

  #assertId(id: number): void {
    if (!Number.isInteger(id) || id < 0 || id >= this.idCount) {
      throw new PdqError("id_unknown", `expected an id below ${this.idCount}, got ${String(id)}`)
    }
  }
}
