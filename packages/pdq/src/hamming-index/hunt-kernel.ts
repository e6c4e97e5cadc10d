/**
 * The memory of a hunt; must agree with `assembly/hamming/hunt.ts`.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { createKernel, createMemory, hammingModule, type Kernel } from "./kernel.ts"
import { DIRECTORY_BYTES, MAX_PAGES, PAGE_BYTES, pagesOf, SCRATCH_PAGES, TABLES } from "./layout.ts"

/** Stored hashes matched at a time: enough that a table's lines are reused while they are in the cache. */
export const HUNT_BLOCK_ROWS = 131_072

/** Rows listed at a time. */
const PICK_ROWS = 1024

const BITMAP_BYTES = 8192
/** Offset of the sections' addresses. */
const AT_SECTIONS = 64

/** A kernel with the new hashes in its tables. */
export interface HuntKernel extends Kernel {
  /** Address of the block of stored hashes. */
  readonly stored: number
  /** False where the radius requires comparing every pair. */
  readonly hasTables: boolean
}

/** Bytes of the entries of a hunt. */
export function huntTableBytes(newCount: number, radiusBits: number): number {
  return TABLES * newCount * (1 + flipsOf(radiusBits)) * 6
}

/**
 * Lays out a hunt in a new memory, and builds its tables if they support the radius.
 *
 * @throws {PdqError} `index_too_large`, `memory_exhausted`.
 */
export function createHuntKernel(newHashes: Uint8Array, radiusBits: number): HuntKernel {
  const newCount = newHashes.length / HASH_BYTES
  const hasTables = radiusBits < 32
  const entries = hasTables ? TABLES * newCount * (1 + flipsOf(radiusBits)) : 0
  let offset = PAGE_BYTES
  const section = (sizeBytes: number): number => {
    const start = offset
    offset = Math.ceil((start + sizeBytes) / 64) * 64
    return start
  }
  const hashes = section(newHashes.length)
  const bitmaps = section(hasTables ? TABLES * BITMAP_BYTES : 0)
  const starts = section(hasTables ? TABLES * DIRECTORY_BYTES : 0)
  const sketches = section(entries * 2)
  const ids = section(entries * 4)
  const stored = section(HUNT_BLOCK_ROWS * HASH_BYTES)
  const columns = section(HUNT_BLOCK_ROWS * HASH_BYTES)
  // A row is written before it is known whether it is kept.
  const picked = section((PICK_ROWS + 1) * 8)
  if (pagesOf(offset) + SCRATCH_PAGES > MAX_PAGES) {
    throw new PdqError("index_too_large", `expected a hunt of at most 4 GiB, got ${newCount} new hashes`)
  }

  const kernel = createKernel(createMemory(offset), hammingModule())
  kernel.bytes.set(newHashes, hashes)
  const sections = new Uint32Array(kernel.memory.buffer, AT_SECTIONS, 7)
  sections.set([bitmaps, starts, sketches, ids, stored, columns, picked])
  kernel.exports.huntConfigure(newCount, flipsOf(radiusBits), hashes, AT_SECTIONS)
  if (hasTables) kernel.exports.huntBuild()
  return { ...kernel, stored, hasTables }
}

/** Number of neighbours under which a half is entered, in addition to itself. */
function flipsOf(radiusBits: number): number {
  return radiusBits >= 16 ? 16 : 0
}
