/**
 * Building the memory of an index.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { bitmapBytes, clearFrom, countBits, hasBit, setBit } from "./bitmaps.ts"
import { AT_COUNTS, writeHeader } from "./header.ts"
import { createKernel, createMemory, hammingModule, type Kernel } from "./kernel.ts"
import { type Layout, layOut, OUT_OFFSET, TABLES } from "./layout.ts"
import { rowsOf } from "./rows.ts"

/** How an index is built. */
export interface BuildOptions {
  /** Additions it takes before a compaction is due, 32 bytes each; by default 65,536, fewer for a short list. */
  readonly deltaCapacity?: number
  /** Rows below which no tables are made, as a scan is as fast; 4,096 by default. */
  readonly minTableRows?: number
}

/** Rows copied at a time through the scratch's output. */
const STAGED_ROWS = 8192

/**
 * Builds an index in a new memory.
 *
 * @throws {PdqError} as {@link HammingIndex.build}.
 */
export function buildIndexMemory(hashes: Uint8Array, options: BuildOptions): Kernel {
  const rows = rowsOf(hashes)
  const layout = planned(rows, rows, options)
  const kernel = createIndexKernel(layout)
  storeRows(kernel, hashes, 0)
  buildTables(kernel, layout)
  return kernel
}

/**
 * Builds an index of another one's rows and additions, with the withdrawn hashes wiped and left out of the tables.
 *
 * @throws {PdqError} as {@link HammingIndex.build}.
 */
export function compactedMemory(from: Kernel, old: Layout, options: BuildOptions): Kernel {
  const reserved = Atomics.load(new Uint32Array(from.bytes.buffer, AT_COUNTS.deltaReserved, 1), 0)
  const rows = old.rows + reserved
  const gone = goneRows(from.bytes, old, reserved)
  const goneCount = countBits(gone)
  const layout = planned(rows, rows - goneCount, options)
  const kernel = createIndexKernel(layout)
  const { bytes } = kernel

  bytes.set(from.bytes.subarray(old.halfA, old.halfA + old.rows * 16), layout.halfA)
  bytes.set(from.bytes.subarray(old.halfB, old.halfB + old.rows * 16), layout.halfB)
  storeRows(kernel, from.bytes.subarray(old.delta, old.delta + reserved * HASH_BYTES), old.rows)
  bytes.set(gone, layout.withdrawnBits)
  new Uint32Array(bytes.buffer, AT_COUNTS.withdrawn, 1)[0] = goneCount
  for (let row = 0; row < rows; row++) {
    if (!hasBit(gone, row)) continue
    bytes.fill(0, layout.halfA + row * 16, layout.halfA + row * 16 + 16)
    bytes.fill(0, layout.halfB + row * 16, layout.halfB + row * 16 + 16)
  }
  buildTables(kernel, layout)
  return kernel
}

function planned(rows: number, entries: number, options: BuildOptions): Layout {
  const { minTableRows = 4096, deltaCapacity = Math.min(65_536, Math.max(1024, rows >>> 3)) } = options
  const hasTables = rows > 0 && rows >= minTableRows
  if (!Number.isSafeInteger(deltaCapacity) || deltaCapacity < 0) {
    throw new PdqError("index_too_large", `expected a delta of whole rows, got ${String(deltaCapacity)}`)
  }
  return layOut({ rows, entries: hasTables ? entries : 0, hasTables, deltaCapacity })
}

function createIndexKernel(layout: Layout): Kernel {
  const memory = createMemory(layout.end)
  writeHeader(new DataView(memory.buffer), layout)
  return createKernel(memory, hammingModule())
}

function storeRows({ exports, bytes, scratch }: Kernel, hashes: Uint8Array, firstRow: number): void {
  const rows = hashes.length / HASH_BYTES
  for (let row = 0; row < rows; row += STAGED_ROWS) {
    const end = Math.min(rows, row + STAGED_ROWS)
    bytes.set(hashes.subarray(row * HASH_BYTES, end * HASH_BYTES), scratch + OUT_OFFSET)
    exports.storeRows(scratch + OUT_OFFSET, end - row, firstRow + row)
  }
}

function buildTables({ exports }: Kernel, layout: Layout): void {
  if (!layout.hasTables) return
  for (let table = 0; table < TABLES; table++) exports.buildTable(table, layout.entries < layout.rows ? 1 : 0)
}

/** Bitmap of the rows and slots that no look-up finds: withdrawn, or never finished by the thread that took them. */
function goneRows(bytes: Uint8Array, layout: Layout, reserved: number): Uint8Array {
  const total = layout.rows + reserved
  const gone = bytes.slice(layout.withdrawnBits, layout.withdrawnBits + bitmapBytes(total))
  const ready = bytes.subarray(layout.readyBits, layout.readyBits + bitmapBytes(reserved))
  // Slots that were taken since then may be withdrawn already: they are not rows here.
  clearFrom(gone, total)
  for (let slot = 0; slot < reserved; slot++) if (!hasBit(ready, slot)) setBit(gone, layout.rows + slot)
  return gone
}
