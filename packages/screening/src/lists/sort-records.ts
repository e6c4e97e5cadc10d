import { compareRecords, HASH_AT, RECORD_BYTES } from "./record-layout.ts"

const DIGIT_VALUES = 65_536
/** Below this number, a counting sort costs more than comparisons. */
const FEW_RECORDS = 4_096

/**
 * Orders records by type and hash.
 *
 * @param records - whole records, one after another. Not modified.
 * @returns the records' numbers, in order.
 */
export function sortedOrder(records: Uint8Array): Uint32Array {
  const count = records.length / RECORD_BYTES
  const wholly = (a: number, b: number) => compareRecords(records, a * RECORD_BYTES, records, b * RECORD_BYTES) || a - b
  if (count < FEW_RECORDS) return naturalOrder(count).sort(wholly)
  const keys = new Uint32Array(count)
  for (let i = 0; i < count; i++) keys[i] = sortKey(records, i * RECORD_BYTES)
  const byLow = radixPass(keys, naturalOrder(count), 0)
  const order = radixPass(keys, byLow, 16)
  sortTies(keys, order, wholly)
  return order
}

/** Type in the upper 2 bits, the hash's first 30 bits below. */
function sortKey(records: Uint8Array, offset: number): number {
  const view = records
  const type = view[offset] ?? 0
  const hash = offset + HASH_AT
  const first =
    ((view[hash] ?? 0) << 24) | ((view[hash + 1] ?? 0) << 16) | ((view[hash + 2] ?? 0) << 8) | (view[hash + 3] ?? 0)
  return ((type << 30) | (first >>> 2)) >>> 0
}

function naturalOrder(count: number): Uint32Array {
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  return order
}

/** One stable pass of a counting sort by 16 bits of the keys. */
function radixPass(keys: Uint32Array, order: Uint32Array, shift: number): Uint32Array {
  const next = new Uint32Array(DIGIT_VALUES + 1)
  for (const key of keys) next[((key >>> shift) & 0xffff) + 1] = (next[((key >>> shift) & 0xffff) + 1] ?? 0) + 1
  for (let digit = 0; digit < DIGIT_VALUES; digit++) next[digit + 1] = (next[digit + 1] ?? 0) + (next[digit] ?? 0)
  const sorted = new Uint32Array(order.length)
  for (const index of order) {
    const digit = ((keys[index] ?? 0) >>> shift) & 0xffff
    const place = next[digit] ?? 0
    sorted[place] = index
    next[digit] = place + 1
  }
  return sorted
}

/** Orders records with equal keys by the whole hash. */
function sortTies(keys: Uint32Array, order: Uint32Array, wholly: (a: number, b: number) => number): void {
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && keys[order[end] ?? 0] === keys[order[start] ?? 0]) end++
    if (end - start > 1) order.subarray(start, end).sort(wholly)
    start = end
  }
}
