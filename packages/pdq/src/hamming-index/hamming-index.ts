/**
 * The exact Hamming index.
 *
 * Source: multi-index hashing (Norouzi, Punjani, Fleet 2012) over sixteen 16-bit halves, with the other half of the
 * same 32-bit word kept beside each entry; `assembly/hamming/probe.ts` explains why that is exact.
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

/** A handle with which another thread attaches; pass it by `postMessage` or `workerData`. */
export interface IndexHandle {
  readonly module: WasmModule
  readonly memory: SharedMemory
}

/** Result of a scan that reached the end, and of `add` when the delta is full. */
const NONE = 0xffff_ffff

/**
 * Finds every hash within a radius, exactly like a scan over all of them.
 *
 * Ids are positions: built hashes have 0 to n - 1, each added one gets the next, and none is ever reused. The index is
 * in one shared memory, 128 bytes per hash; every attached thread sees additions and withdrawals at once. An instance
 * belongs to the thread that made it. The memory is released when the last instance and handle are collected.
 */
export class HammingIndex {
  readonly #kernel: Kernel
  readonly #layout: Layout
  /** The header's words, in which other threads change counts. */
  readonly #header: Uint32Array<SharedArrayBuffer>

  private constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#header = new Uint32Array(kernel.memory.buffer, 0, HEADER_BYTES / Uint32Array.BYTES_PER_ELEMENT)
    this.#layout = parseHeader(new DataView(kernel.memory.buffer))
  }

  /**
   * Builds an index. Blocks for 0.2 to 0.3 s per million hashes.
   *
   * @param hashes - n times 32 bytes, as {@link fromHex} gives them; duplicates are kept. Not modified.
   * @throws {PdqError} `hash_malformed` if the length is not a multiple of 32; `index_too_large` beyond 4 GiB, about 33
   *   million hashes; `memory_exhausted`.
   */
  static build(hashes: Uint8Array, options: BuildOptions = {}): HammingIndex {
    const rows = rowsOf(hashes)
    return new HammingIndex(buildIndexMemory({ rows, parts: [hashes], recordBytes: HASH_BYTES, hashAt: 0 }, options))
  }

  /**
   * Builds an index of hashes in records, without keeping all of the records in memory. Blocks.
   *
   * @throws {PdqError} `hash_malformed` if the parts are not exactly that many whole records; otherwise as {@link
   * HammingIndex.build}.
   */
  static buildFrom(records: HashRecords, options: BuildOptions = {}): HammingIndex {
    return new HammingIndex(buildIndexMemory(records, options))
  }

  /**
   * Attaches this thread to an index that another thread shares.
   *
   * @throws {PdqError} `image_malformed` if the handle is not from {@link HammingIndex.share}; `memory_exhausted` after
   *   256 attachments.
   */
  static attach(handle: IndexHandle): HammingIndex {
    if (!(handle?.memory?.buffer instanceof SharedArrayBuffer)) throw malformed("is not a shared index")
    parseHeader(new DataView(handle.memory.buffer))
    return new HammingIndex(createKernel(handle.memory, handle.module))
  }

  /**
   * Reads an index from a file, straight into shared memory.
   *
   * @throws {PdqError} `image_malformed` if it is truncated, is not an image, or is altered where that could make a
   * look-up unsafe; `image_digest_mismatch` if it is not the expected one; `image_unreadable`; `memory_exhausted`.
   */
  static async openImage(path: string, options: OpenImageOptions = {}): Promise<HammingIndex> {
    return new HammingIndex(await readImage(path, options))
  }

  /** Entries that look-ups can find. */
  get size(): number {
    return this.#layout.rows + this.#count("deltaReady") - this.#count("withdrawn")
  }

  /** Number of ids so far, including withdrawn ones: the next added hash gets this id. */
  get idCount(): number {
    return this.#layout.rows + this.#count("deltaReserved")
  }

  /** Additions that still fit before {@link HammingIndex.compact} is due. */
  get deltaRemaining(): number {
    return this.#layout.deltaCapacity - this.#count("deltaReserved")
  }

  /** Bytes of memory of the index, including the scratch of all threads. */
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
   * @returns matches ascending by id.
   * @throws {PdqError} `hash_malformed`, `radius_invalid`.
   */
  query(hash: Uint8Array, radiusBits: number): IndexMatch[] {
    assertHash(hash)
    return toMatches(this.queryBatch(hash, radiusBits))
  }

  /**
   * Finds every entry within `radiusBits` of each of many hashes. Radii up to 31 use the tables, larger ones scan.
   *
   * @param hashes - m times 32 bytes. Not modified.
   * @returns matches ascending by query, then by id.
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
   * Adds a hash, which every thread's look-ups find from now on.
   *
   * @returns the new id.
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
   * @returns whether it was present; false if it was withdrawn before.
   * @throws {PdqError} `id_unknown` if no entry ever had that id.
   */
  withdraw(id: number): boolean {
    this.#assertId(id)
    return this.#kernel.exports.withdraw(id) !== 0
  }

  /**
   * Copies an entry's hash; zeros for a withdrawn one that was compacted away.
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
   * This index does not change and can still be used. Additions and withdrawals that other threads make to it meanwhile
   * are not carried over beyond the new index's {@link HammingIndex.idCount}.
   *
   * @throws {PdqError} as {@link HammingIndex.build}.
   */
  compact(options: BuildOptions = {}): HammingIndex {
    return new HammingIndex(compactedMemory(this.#kernel, this.#layout, options))
  }

  /**
   * Writes the index to a file, completely or not at all, readable by its owner only.
   *
   * Additions and withdrawals that other threads make meanwhile may or may not be included.
   *
   * @returns size and digest of the file, for signing and for {@link HammingIndex.openImage}.
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
