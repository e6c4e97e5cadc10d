/**
 * The plain scan: compares every query with every whole hash.
 * @module
 */
import { HASH_BYTES } from "../hash.ts"
import { createKernel, createMemory, hammingModule, type Kernel } from "./kernel.ts"
import { PAGE_BYTES } from "./layout.ts"
import { assertRadius, type IndexMatch, MatchColumns, toMatches } from "./matches.ts"
import { assertHash, rowsOf } from "./rows.ts"

/**
 * Exact look-ups without an index: four population counts per hash, about as fast as FAISS's flat index with AVX2.
 *
 * The oracle and the benchmark for {@link HammingIndex}, and sufficient for a few thousand hashes. For one thread.
 */
export class FlatScan {
  /** Number of hashes. */
  readonly size: number
  readonly #kernel: Kernel

  private constructor(size: number, kernel: Kernel) {
    this.size = size
    this.#kernel = kernel
  }

  /**
   * Copies hashes into place.
   *
   * @param hashes - n times 32 bytes, as {@link fromHex} gives them. Not modified.
   * @throws {PdqError} `hash_malformed` if the length is not a multiple of 32; `memory_exhausted`.
   */
  static build(hashes: Uint8Array): FlatScan {
    const size = rowsOf(hashes)
    // The scan reads two hashes at a time, so leave space for one after the last.
    const kernel = createKernel(createMemory(PAGE_BYTES + hashes.length + HASH_BYTES), hammingModule())
    kernel.bytes.set(hashes, PAGE_BYTES)
    return new FlatScan(size, kernel)
  }

  /**
   * Finds every hash within `radiusBits` of one.
   *
   * @returns matches ascending by id; an id is the position in the built hashes.
   * @throws {PdqError} `hash_malformed`, `radius_invalid`.
   */
  query(hash: Uint8Array, radiusBits: number): IndexMatch[] {
    assertHash(hash)
    assertRadius(radiusBits)
    const { exports, bytes, scratch } = this.#kernel
    bytes.set(hash, scratch)
    const matches = new MatchColumns()
    let row = 0
    do {
      row = exports.flatScan(PAGE_BYTES, this.size, radiusBits, row) >>> 0
      matches.drain(this.#kernel, 0)
    } while (row !== SCAN_DONE)
    return toMatches(matches.finish())
  }
}

/** Result of a scan that reached the end. */
const SCAN_DONE = 0xffff_ffff
