/**
 * The reverse of the index, for few new hashes and very many stored ones.
 *
 * The new hashes are entered under each of their sixteen halves and, where the radius requires it, under the 16 values
 * one bit away; a stored hash then probes only its own sixteen halves. Exact by the same pigeonhole as `probe.ts`. A
 * block of stored hashes goes through one table after the other, so that a table stays in the cache meanwhile.
 */
import { DIRECTORY_BYTES, KEYS, TABLES } from "./layout"
import { emit } from "./matches"
import { SCAN_DONE } from "./scan"

/** Bytes of one table's bitmap of keys that have entries. */
const BITMAP_BYTES: u32 = KEYS >> 3

/** Rows of a block: enough that a table's lines are reused while it is in the cache. */
const BLOCK_ROWS: u32 = 131072
/** Rows listed at a time. */
const PICK_ROWS: u32 = 1024

let count: u32 = 0
let flips: u32 = 0
let perTable: u32 = 0
let hashes: usize = 0
let bitmaps: usize = 0
let starts: usize = 0
let sketches: usize = 0
let ids: usize = 0
/** The block of stored hashes, 32 bytes each. */
let stored: usize = 0
/** The block again, in columns. */
let columns: usize = 0
/** Rows whose key has entries in the current table: row, sketch and key. */
let picked: usize = 0

/** Sets the `newCount` new hashes at `at` and the other addresses; see `src/hamming-index/hunt-kernel.ts`. */
export function huntConfigure(newCount: u32, newFlips: u32, at: usize, sections: usize): void {
  count = newCount
  flips = newFlips
  perTable = newCount * (1 + newFlips)
  hashes = at
  bitmaps = load<u32>(sections)
  starts = load<u32>(sections, 4)
  sketches = load<u32>(sections, 8)
  ids = load<u32>(sections, 12)
  stored = load<u32>(sections, 16)
  columns = load<u32>(sections, 20)
  picked = load<u32>(sections, 24)
}

/** Builds the tables by counting sort, into zeroed memory. */
export function huntBuild(): void {
  for (let table: u32 = 0; table < TABLES; table++) buildTable(table)
}

function buildTable(table: u32): void {
  const bitmap = bitmaps + table * BITMAP_BYTES
  const directory = starts + table * DIRECTORY_BYTES
  const halves = hashes + (table << 1)
  const others = hashes + ((table ^ 1) << 1)
  for (let id: u32 = 0; id < count; id++) {
    const own = <u32>load<u16>(halves + (id << 5))
    for (let probe: u32 = 0; probe <= flips; probe++) {
      const key = keyOf(own, probe)
      store<u8>(bitmap + (key >> 3), load<u8>(bitmap + (key >> 3)) | (<u8>1 << <u8>(key & 7)))
      store<u32>(directory + (key << 2), load<u32>(directory + (key << 2)) + 1)
    }
  }
  let start = table * perTable
  for (let key: u32 = 0; key < KEYS; key++) {
    const size = load<u32>(directory + (key << 2))
    store<u32>(directory + (key << 2), start)
    start += size
  }
  for (let id: u32 = 0; id < count; id++) {
    const own = <u32>load<u16>(halves + (id << 5))
    for (let probe: u32 = 0; probe <= flips; probe++) {
      const slot = directory + (keyOf(own, probe) << 2)
      const at = load<u32>(slot)
      store<u32>(slot, at + 1)
      store<u32>(ids + (at << 2), id)
      store<u16>(sketches + (at << 1), load<u16>(others + (id << 5)))
    }
  }
  memory.copy(directory + 4, directory, KEYS << 2)
  store<u32>(directory, table * perTable)
}

// @ts-ignore: decorator
@inline
function keyOf(half: u32, probe: u32): u32 {
  return probe == 0 ? half : half ^ (1 << (probe - 1))
}

/** Splits the block's first `rows` hashes into a column for each 32-bit word, so that a table reads only its own. */
export function huntLoad(rows: u32): void {
  for (let word: u32 = 0; word < 8; word++) {
    const column = columnOf(word)
    const from = stored + (word << 2)
    for (let row: u32 = 0; row < rows; row++) store<u32>(column + (row << 2), load<u32>(from + (row << 5)))
  }
}

// @ts-ignore: decorator
@inline
function columnOf(word: u32): usize {
  return columns + word * (BLOCK_ROWS << 2)
}

/**
 * Matches the `rows` stored hashes from `first` of the block on. Matches come unsorted, each once, as (new, row).
 *
 * @returns False when the output is full: clear it and ask for fewer rows.
 */
export function huntBlock(first: u32, rows: u32, radius: u32): bool {
  const end = first + rows
  for (let table: u32 = 0; table < TABLES; table++) {
    for (let row = first; row < end; row += PICK_ROWS) {
      const size = pick(row, min(end, row + PICK_ROWS), table)
      if (!probePicked(size, table, radius)) return false
    }
  }
  return true
}

/** Lists the rows whose key has entries, without a branch to mispredict. Returns how many. */
function pick(first: u32, end: u32, table: u32): u32 {
  const bitmap = bitmaps + table * BITMAP_BYTES
  const column = columnOf(table >> 1)
  // Key low, sketch high, whichever half of the word is which.
  const turn: u32 = (table & 1) << 4
  let to = picked
  for (let row = first; row < end; row++) {
    const word = rotr<u32>(load<u32>(column + (row << 2)), turn)
    store<u64>(to, ((<u64>row) << 32) | word)
    to += ((<u32>load<u8>(bitmap + ((word & 0xffff) >> 3)) >> (word & 7)) & 1) << 3
  }
  return <u32>(to - picked) >> 3
}

function probePicked(size: u32, table: u32, radius: u32): bool {
  const directory = starts + table * DIRECTORY_BYTES
  const allowed = radius >> 3
  const limit = i16x8.splat(<i16>(allowed + 1))
  for (let i: u32 = 0; i < size; i++) {
    const pair = load<u64>(picked + (i << 3))
    const bucket = load<u64>(directory + ((<u32>pair & 0xffff) << 2))
    const sketch = i16x8.splat(<i16>(<u32>pair >>> 16))
    const end = <u32>(bucket >>> 32)
    for (let at = <u32>bucket; at < end; at += 8) {
      const bits = i8x16.popcnt(v128.xor(v128.load(sketches + (at << 1)), sketch))
      let mask = <u32>i16x8.bitmask(i16x8.lt_s(i16x8.extadd_pairwise_i8x16_u(bits), limit))
      if (end - at < 8) mask &= (1 << (end - at)) - 1
      if (mask != 0 && !verify(at, mask, <u32>(pair >>> 32), table, radius)) return false
    }
  }
  return true
}

/** Compares a stored row with the new hashes of the entries in `mask`. Returns false when the output is full. */
function verify(at: u32, mask: u32, row: u32, table: u32, radius: u32): bool {
  const hash = stored + (row << 5)
  while (mask != 0) {
    const id = load<u32>(ids + ((at + ctz(mask)) << 2))
    const other = hashes + (id << 5)
    const whole = distanceWithin(other, hash, radius)
    if (whole <= radius && isFirstTable(other, hash, table, radius >> 3) && !emit(id, row, whole)) return false
    mask &= mask - 1
  }
  return true
}

/** Distance of two hashes; anything above `radius` may be only a part of it. */
// @ts-ignore: decorator
@inline
function distanceWithin(a: usize, b: usize, radius: u32): u32 {
  const first = <u32>(popcnt(load<u64>(a) ^ load<u64>(b)) + popcnt(load<u64>(a, 8) ^ load<u64>(b, 8)))
  if (first > radius) return first
  return first + <u32>(popcnt(load<u64>(a, 16) ^ load<u64>(b, 16)) + popcnt(load<u64>(a, 24) ^ load<u64>(b, 24)))
}

/** Whether this table finds the pair by the pigeonhole rule and no earlier table does. */
function isFirstTable(a: usize, b: usize, table: u32, allowed: u32): bool {
  const word = table >> 1
  for (let before: u32 = 0; before < word; before++) {
    const at = before << 2
    if (<u32>popcnt(load<u32>(a + at) ^ load<u32>(b + at)) <= allowed) return false
  }
  const at = word << 2
  if (<u32>popcnt(load<u32>(a + at) ^ load<u32>(b + at)) > allowed) return false
  if ((table & 1) == 0) return true
  return <u32>popcnt(<u32>(load<u16>(a + at) ^ load<u16>(b + at))) > allowed >> 1
}

/** Compares one stored hash of the block with all new ones from `from` on. Returns where to continue, or SCAN_DONE. */
export function huntScan(row: u32, radius: u32, from: u32): u32 {
  const hash = stored + (row << 5)
  for (let id = from; id < count; id++) {
    const whole = distanceWithin(hashes + (id << 5), hash, radius)
    if (whole <= radius && !emit(id, row, whole)) return id
  }
  return SCAN_DONE
}
