/** Builds the tables by counting sort, and checks those that came from a file. */
import {
  DIRECTORY_BYTES,
  entries,
  halfA,
  halfB,
  ids,
  isSet,
  KEYS,
  rows,
  sketches,
  starts,
  TABLES,
  withdrawnBits,
} from "./layout"

/** Splits `count` whole hashes at `source` into the two half sections, from row `firstRow` on. */
export function storeRows(source: usize, count: u32, firstRow: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const from = source + (i << 5)
    const to = (firstRow + i) << 4
    v128.store(halfA + to, v128.load(from))
    v128.store(halfB + to, v128.load(from, 16))
  }
}

/**
 * Builds table `table`. Tables must be built in ascending order, into zeroed memory: starts count over all of them.
 *
 * @param skipWithdrawn 1 to leave withdrawn rows out; `entries` must then count only the others.
 */
export function buildTable(table: u32, skipWithdrawn: u32): void {
  const directory = starts + table * DIRECTORY_BYTES
  const half = (table < 8 ? halfA : halfB) + ((table & 7) << 1)
  const other = (table < 8 ? halfA : halfB) + (((table & 7) ^ 1) << 1)
  const skip = skipWithdrawn != 0

  for (let row: u32 = 0; row < rows; row++) {
    if (skip && isSet(withdrawnBits, row)) continue
    const slot = directory + (<usize>load<u16>(half + (row << 4)) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }

  let start = table * entries
  for (let key: u32 = 0; key < KEYS; key++) {
    const slot = directory + (key << 2)
    const size = load<u32>(slot)
    store<u32>(slot, start)
    start += size
  }

  for (let row: u32 = 0; row < rows; row++) {
    if (skip && isSet(withdrawnBits, row)) continue
    const slot = directory + (<usize>load<u16>(half + (row << 4)) << 2)
    const at = load<u32>(slot)
    store<u32>(slot, at + 1)
    store<u32>(ids + (at << 2), row)
    store<u16>(sketches + (at << 1), load<u16>(other + (row << 4)))
  }

  // Each start has moved on to its key's end, which is the next key's start.
  memory.copy(directory + 4, directory, KEYS << 2)
  store<u32>(directory, table * entries)
}

/** Tells whether every start and id stays inside the sections, so that no look-up can leave them. */
export function checkTables(): bool {
  for (let table: u32 = 0; table < TABLES; table++) {
    const directory = starts + table * DIRECTORY_BYTES
    let last = table * entries
    if (load<u32>(directory) != last) return false
    for (let key: u32 = 1; key <= KEYS; key++) {
      const start = load<u32>(directory + (key << 2))
      if (start < last) return false
      last = start
    }
    if (last != (table + 1) * entries) return false
  }
  const count = TABLES * entries
  const limit = i32x4.splat(rows)
  let bad = i64x2.splat(0)
  let at: u32 = 0
  for (; at + 4 <= count; at += 4) bad = v128.or(bad, i32x4.ge_u(v128.load(ids + (at << 2)), limit))
  for (; at < count; at++) if (load<u32>(ids + (at << 2)) >= rows) return false
  return !v128.any_true(bad)
}
