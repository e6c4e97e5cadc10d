/**
 * Layout of an index: the same in memory and in a file, so that a file is read straight into place.
 *
 * Little-endian. A header of 4,096 bytes, then sections, each at a multiple of 64 bytes: the first and the last 16
 * bytes of every hash; 16 directories of 65,537 starts (u32); the sketches (u16) and the ids (u32) of the 16 tables;
 * a bit for each withdrawn id; a bit for each slot of the delta that holds a hash; the delta, 32 bytes a slot, last.
 * Must agree with `assembly/hamming/layout.ts`.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { bitmapBytes } from "./bitmaps.ts"

export const PAGE_BYTES = 65_536
export const HEADER_BYTES = 4096
export const TABLES = 16

/** Largest 32-bit memory, in pages. */
export const MAX_PAGES = 65_536

/** Pages for one thread's queries, probes, candidates and matches. */
export const SCRATCH_PAGES = 8
export const QUERY_CAPACITY = 512
export const OUT_OFFSET = 65_536
export const OUT_CAPACITY = 57_344

/** Bytes of one table's directory: a start for each key, and an end. */
export const DIRECTORY_BYTES = 65_537 * 4

/** Counts that determine every offset. */
export interface Shape {
  /** Main rows; their ids are 0 to `rows - 1`. */
  readonly rows: number
  /** Rows in each table: those not withdrawn when it was built; 0 without tables. */
  readonly entries: number
  readonly hasTables: boolean
  /** Slots of the delta; their ids follow the main rows'. */
  readonly deltaCapacity: number
}

/** Offsets in bytes from the start of memory or file. */
export interface Layout extends Shape {
  readonly halfA: number
  readonly halfB: number
  readonly starts: number
  readonly sketches: number
  readonly ids: number
  readonly withdrawnBits: number
  readonly readyBits: number
  readonly delta: number
  /** End of the delta and of the index. */
  readonly end: number
}

/**
 * Computes the layout of an index.
 *
 * @throws {PdqError} `index_too_large` if it does not fit in 4 GiB with one thread's scratch.
 */
export function layOut(shape: Shape): Layout {
  let offset = HEADER_BYTES
  const section = (sizeBytes: number): number => {
    const start = offset
    offset = Math.ceil((start + sizeBytes) / 64) * 64
    return start
  }
  const entries = TABLES * shape.entries
  const halfA = section(shape.rows * 16)
  const halfB = section(shape.rows * 16)
  const starts = section(shape.hasTables ? TABLES * DIRECTORY_BYTES : 0)
  const sketches = section(entries * 2)
  const ids = section(entries * 4)
  const withdrawnBits = section(bitmapBytes(shape.rows + shape.deltaCapacity))
  const readyBits = section(bitmapBytes(shape.deltaCapacity))
  const delta = section(shape.deltaCapacity * HASH_BYTES)
  if (pagesOf(offset) + SCRATCH_PAGES > MAX_PAGES) {
    throw new PdqError("index_too_large", `expected an index of at most 4 GiB, got ${shape.rows} rows`)
  }
  const sections = { halfA, halfB, starts, sketches, ids, withdrawnBits, readyBits, delta }
  return { ...shape, ...sections, end: offset }
}

/** Number of whole pages for `sizeBytes`. */
export function pagesOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / PAGE_BYTES)
}
