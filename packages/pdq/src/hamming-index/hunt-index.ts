/**
 * The reverse of the index: few new hashes, very many stored ones.
 * @module
 */
import { HASH_BYTES } from "../hash.ts"
import { HammingIndex } from "./hamming-index.ts"
import { createHuntKernel, HUNT_BLOCK_ROWS, type HuntKernel, huntTableBytes } from "./hunt-kernel.ts"
import { assertRadius, MatchColumns } from "./matches.ts"
import { rowsOf } from "./rows.ts"

/** Matches of a hunt as parallel columns, with one match in row i of each. Ascending by stored row, then by new id. */
export interface HuntMatches {
  readonly length: number
  /** Position of the hash in the scanned hashes, from 0. */
  readonly storedRows: Uint32Array
  /** Position of the hash in the built hashes. */
  readonly newIds: Uint32Array
  readonly distancesBits: Uint16Array
}

/** Options of {@link HuntIndex.build}. */
export interface HuntOptions {
  /** Distance within which a stored hash matches, 0 to 256 bits; 31 by default. Above 31 every pair is compared. */
  readonly radiusBits?: number
  /** Most bytes of the tables, 1,632 per new hash; the general index is used beyond it. 512 MiB by default. */
  readonly maxTableBytes?: number
}

const SCAN_DONE = 0xffff_ffff
const TABLE_RADIUS_BITS = 31

/**
 * Finds exactly which stored hashes are within a radius of any new hash.
 *
 * The tables contain the new hashes with their neighbours, so that each stored one costs sixteen probes instead of 272:
 * millions per second. An instance belongs to the thread that made it; threads that share a hunt each build one.
 */
export class HuntIndex {
  /** Number of new hashes. */
  readonly size: number
  readonly radiusBits: number
  readonly #scan: (stored: Uint8Array) => HuntMatches

  private constructor(size: number, radiusBits: number, scan: (stored: Uint8Array) => HuntMatches) {
    this.size = size
    this.radiusBits = radiusBits
    this.#scan = scan
  }

  /**
   * Builds the tables. Blocks for about 30 ms for 10,000 new hashes.
   *
   * @param newHashes - n times 32 bytes. Not modified.
   * @throws {PdqError} `hash_malformed`, `radius_invalid`, `index_too_large`, `memory_exhausted`.
   */
  static build(newHashes: Uint8Array, options: HuntOptions = {}): HuntIndex {
    const { radiusBits = TABLE_RADIUS_BITS, maxTableBytes = 512 * 1024 * 1024 } = options
    const size = rowsOf(newHashes)
    assertRadius(radiusBits)
    if (radiusBits <= TABLE_RADIUS_BITS && huntTableBytes(size, radiusBits) > maxTableBytes) {
      const index = HammingIndex.build(newHashes, { deltaCapacity: 0 })
      return new HuntIndex(size, radiusBits, (stored) => scanByIndex(index, stored, radiusBits))
    }
    const kernel = createHuntKernel(newHashes, radiusBits)
    return new HuntIndex(size, radiusBits, (stored) => scanByTables(kernel, stored, radiusBits))
  }

  /**
   * Matches stored hashes against the new ones. Blocks; pass some hundred thousand rows at a time.
   *
   * @param stored - m times 32 bytes. Not modified.
   * @throws {PdqError} `hash_malformed`.
   */
  scan(stored: Uint8Array): HuntMatches {
    rowsOf(stored)
    return this.#scan(stored)
  }
}

function scanByIndex(index: HammingIndex, stored: Uint8Array, radiusBits: number): HuntMatches {
  const { length, queries, ids, distancesBits } = index.queryBatch(stored, radiusBits)
  return { length, storedRows: queries, newIds: ids, distancesBits }
}

function scanByTables(kernel: HuntKernel, stored: Uint8Array, radiusBits: number): HuntMatches {
  const rows = stored.length / HASH_BYTES
  const matches = new MatchColumns()
  for (let first = 0; first < rows; first += HUNT_BLOCK_ROWS) {
    const block = stored.subarray(first * HASH_BYTES, (first + HUNT_BLOCK_ROWS) * HASH_BYTES)
    kernel.bytes.set(block, kernel.stored)
    kernel.exports.huntLoad(block.length / HASH_BYTES)
    scanBlock(kernel, block.length / HASH_BYTES, radiusBits, () => matches.drain(kernel, 0, first))
  }
  const { length, queries, ids, distancesBits } = matches.finish()
  return { length, storedRows: ids, newIds: queries, distancesBits }
}

/** Matches one block, in smaller parts where one would overflow the output. */
function scanBlock({ exports, hasTables }: HuntKernel, rows: number, radiusBits: number, drain: () => void): void {
  let part = rows
  for (let row = 0; row < rows; ) {
    part = Math.min(part, rows - row)
    if (hasTables && exports.huntBlock(row, part, radiusBits) !== 0) {
      exports.sortMatches()
      drain()
      row += part
      part *= 2
    } else if (hasTables && part > 1) {
      exports.clearMatches()
      part >>>= 1
    } else {
      exports.clearMatches()
      for (let id = 0; id !== SCAN_DONE; ) {
        id = exports.huntScan(row, radiusBits, id) >>> 0
        drain()
      }
      row++
    }
  }
}
