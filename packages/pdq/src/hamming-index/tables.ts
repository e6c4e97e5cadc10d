/**
 * Builds the memory of an index.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { bitmapBytes, clearFrom, countBits, hasBit, setBit } from "./bitmaps.ts"
import { AT_COUNTS, writeHeader } from "./header.ts"
import { createKernel, createMemory, hammingModule, type Kernel } from "./kernel.ts"
import { type Layout, layOut, OUT_CAPACITY, OUT_OFFSET, TABLES } from "./layout.ts"

/** Options of building an index. */
export interface BuildOptions {
  /** Most additions before a compaction is needed, 32 bytes each; by default 65,536, fewer for a short list. */
  readonly deltaCapacity?: number
  /** Fewest rows for which tables are made, because a scan of fewer is as fast; 4,096 by default. */
  readonly minTableRows?: number
}

/** Hashes in records, which arrive in parts, for example from a file. */
export interface HashRecords {
  /** Total records of all parts. */
  readonly rows: number
  /** Parts of whole records; read once and in order, not modified, not kept. */
  readonly parts: Iterable<Uint8Array>
  /** Bytes of a record. */
  readonly recordBytes: number
  /** Offset of the hash in a record. */
  readonly hashAt: number
}

/** Bytes of the scratch's output, through which rows are copied: 8 per match. */
const STAGED_BYTES = OUT_CAPACITY * 8

/**
 * Builds an index in a new memory.
 *
 * @throws {PdqError} as {@link HammingIndex.build}.
 */
export function buildIndexMemory(records: HashRecords, options: BuildOptions): Kernel {
  const { rows, parts, recordBytes, hashAt } = records
  if (hashAt < 0 || recordBytes < hashAt + HASH_BYTES || recordBytes > STAGED_BYTES) throw notRecords(records)
  const layout = planned(rows, rows, options)
  const kernel = createIndexKernel(layout)
  let row = 0
  for (const part of parts) {
    const count = part.length / recordBytes
    if (!Number.isInteger(count) || row + count > rows) throw notRecords(records)
    storeRows(kernel, part, { firstRow: row, recordBytes, hashAt })
    row += count
  }
  if (row !== rows) throw notRecords(records)
  buildTables(kernel, layout)
  return kernel
}

/**
 * Builds an index from another index's rows and additions, with the withdrawn hashes wiped and left out of the tables.
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
  const added = from.bytes.subarray(old.delta, old.delta + reserved * HASH_BYTES)
  storeRows(kernel, added, { firstRow: old.rows, recordBytes: HASH_BYTES, hashAt: 0 })
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

function storeRows(
  { exports, bytes, scratch }: Kernel,
  records: Uint8Array,
  { firstRow, recordBytes, hashAt }: Omit<HashRecords, "rows" | "parts"> & { readonly firstRow: number },
): void {
  const rows = records.length / recordBytes
  const stagedRows = Math.floor(STAGED_BYTES / recordBytes)
  const staged = scratch + OUT_OFFSET
  for (let row = 0; row < rows; row += stagedRows) {
    const end = Math.min(rows, row + stagedRows)
    bytes.set(records.subarray(row * recordBytes, end * recordBytes), staged)
    exports.storeRows(staged + hashAt, end - row, firstRow + row, recordBytes)
  }
}

function notRecords({ rows, recordBytes, hashAt }: HashRecords): PdqError {
  return new PdqError(
    "hash_malformed",
    `expected ${rows} records of ${recordBytes} bytes with a hash at ${hashAt}, in whole parts`,
  )
}

function buildTables({ exports }: Kernel, layout: Layout): void {
  if (!layout.hasTables) return
  for (let table = 0; table < TABLES; table++) exports.buildTable(table, layout.entries < layout.rows ? 1 : 0)
}

/** Bitmap of the rows and slots that no look-up finds: withdrawn, or never filled by the thread that reserved them. */
function goneRows(bytes: Uint8Array, layout: Layout, reserved: number): Uint8Array {
  const total = layout.rows + reserved
  const gone = bytes.slice(layout.withdrawnBits, layout.withdrawnBits + bitmapBytes(total))
  const ready = bytes.subarray(layout.readyBits, layout.readyBits + bitmapBytes(reserved))
  // Slots that were reserved since then may already be withdrawn: they are not rows here.
  clearFrom(gone, total)
  for (let slot = 0; slot < reserved; slot++) if (!hasBit(ready, slot)) setBit(gone, layout.rows + slot)
  return gone
}
