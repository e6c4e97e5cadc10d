/**
 * Builds the tables by counting sort, and checks tables from a file.
 *
 * Sorting directly to 65,536 keys would write each entry to a separate page and cache line. So rows first go to 512
 * groups of keys, which a core writes side by side, and each group is then sorted within the second-level cache.
 */
import { bucketOf } from "./bucket"
import {
  DIRECTORY_BYTES,
  entries,
  halfA,
  halfB,
  ids,
  isSet,
  KEYS,
  out,
  OUT_CAPACITY,
  probes as groupEnds,
  rows,
  sketches,
  starts,
  TABLES,
  withdrawnBits,
} from "./layout"

/** Bits of a key that a group leaves open: they share 32 bits with the row while groups are sorted. */
const FINE_BITS: u32 = 7
const FINE: u32 = 1 << FINE_BITS
const GROUPS: u32 = KEYS >> FINE_BITS
const ROW_BITS: u32 = 32 - FINE_BITS
const ROW_MASK: u32 = (1 << ROW_BITS) - 1
/** Entries of a group, each an id and a sketch, that fit in the scratch's output of 8 bytes per match. */
const GROUP_CAPACITY: u32 = (OUT_CAPACITY * 8) / 6

/** Splits `count` whole hashes, `strideBytes` apart from `source` on, into the two half sections, from `firstRow` on. */
export function storeRows(source: usize, count: u32, firstRow: u32, strideBytes: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const from = source + i * strideBytes
    const to = (firstRow + i) << 4
    v128.store(halfA + to, v128.load(from))
    v128.store(halfB + to, v128.load(from, 16))
  }
}

/**
 * Builds table `table`. Tables must be built into zeroed memory.
 *
 * @param skipWithdrawn 1 to leave withdrawn rows out; `entries` must then count only the others.
 */
export function buildTable(table: u32, skipWithdrawn: u32): void {
  const directory = starts + table * DIRECTORY_BYTES
  const half = (table < 8 ? halfA : halfB) + ((table & 7) << 1)
  const other = (table < 8 ? halfA : halfB) + (((table & 7) ^ 1) << 1)
  const first = table * entries
  const skip = skipWithdrawn != 0
  if (rows <= ROW_MASK && countGroups(half, skip, first)) {
    distribute(half, other, skip)
    for (let group: u32 = 0; group < GROUPS; group++) {
      const from = group == 0 ? first : load<u32>(groupEnds + ((group - 1) << 2))
      sortGroup(directory, group, from, load<u32>(groupEnds + (group << 2)) - from)
    }
  } else {
    sortAtOnce(half, other, skip, directory, first)
  }
  // Each start has moved on to its key's end, which is the next key's start.
  memory.copy(directory + 4, directory, KEYS << 2)
  store<u32>(directory, first)
}

/** Counts the rows of each group of keys. Returns false where a group is larger than the scratch for sorting it. */
function countGroups(half: usize, skip: bool, first: u32): bool {
  memory.fill(groupEnds, 0, GROUPS << 2)
  for (let row: u32 = 0; row < rows; row++) {
    if (skip && isSet(withdrawnBits, row)) continue
    const slot = groupEnds + ((<usize>bucketOf(load<u16>(half + (row << 4))) >> FINE_BITS) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  let start = first
  for (let group: u32 = 0; group < GROUPS; group++) {
    const slot = groupEnds + (group << 2)
    const size = load<u32>(slot)
    if (size > GROUP_CAPACITY) return false
    store<u32>(slot, start)
    start += size
  }
  return true
}

/** Writes rows and sketches group by group, the rest of the key in the upper bits of the row. */
function distribute(half: usize, other: usize, skip: bool): void {
  for (let row: u32 = 0; row < rows; row++) {
    if (skip && isSet(withdrawnBits, row)) continue
    const key = bucketOf(load<u16>(half + (row << 4)))
    const slot = groupEnds + ((key >> FINE_BITS) << 2)
    const at = load<u32>(slot)
    store<u32>(slot, at + 1)
    store<u32>(ids + (at << 2), row | ((key & (FINE - 1)) << ROW_BITS))
    store<u16>(sketches + (at << 1), load<u16>(other + (row << 4)))
  }
}

/** Sorts the `count` entries of a group, from entry `from` on, by the rest of their keys, through the scratch. */
function sortGroup(directory: usize, group: u32, from: u32, count: u32): void {
  const heldIds = out
  const heldSketches = out + (count << 2)
  memory.copy(heldIds, ids + (from << 2), count << 2)
  memory.copy(heldSketches, sketches + (from << 1), count << 1)
  const slots = directory + (group << (FINE_BITS + 2))
  for (let i: u32 = 0; i < count; i++) {
    const slot = slots + ((load<u32>(heldIds + (i << 2)) >> ROW_BITS) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  toStarts(slots, FINE, from)
  for (let i: u32 = 0; i < count; i++) {
    const held = load<u32>(heldIds + (i << 2))
    const slot = slots + ((held >> ROW_BITS) << 2)
    const at = load<u32>(slot)
    store<u32>(slot, at + 1)
    store<u32>(ids + (at << 2), held & ROW_MASK)
    store<u16>(sketches + (at << 1), load<u16>(heldSketches + (i << 1)))
  }
}

/** Sorts in one pass, for lists that are so large or uniform that the groups do not fit. */
function sortAtOnce(half: usize, other: usize, skip: bool, directory: usize, first: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    if (skip && isSet(withdrawnBits, row)) continue
    const slot = directory + (<usize>bucketOf(load<u16>(half + (row << 4))) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  toStarts(directory, KEYS, first)
  for (let row: u32 = 0; row < rows; row++) {
    if (skip && isSet(withdrawnBits, row)) continue
    const slot = directory + (<usize>bucketOf(load<u16>(half + (row << 4))) << 2)
    const at = load<u32>(slot)
    store<u32>(slot, at + 1)
    store<u32>(ids + (at << 2), row)
    store<u16>(sketches + (at << 1), load<u16>(other + (row << 4)))
  }
}

/** Turns `count` sizes into the starts of what follows one another from `first` on. */
function toStarts(slots: usize, count: u32, first: u32): void {
  let start = first
  for (let i: u32 = 0; i < count; i++) {
    const slot = slots + (i << 2)
    const size = load<u32>(slot)
    store<u32>(slot, start)
    start += size
  }
}

/** Whether every start and id is inside the sections, so that no look-up can leave them. */
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
