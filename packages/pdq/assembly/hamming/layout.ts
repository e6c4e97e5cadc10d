/**
 * Layout of the shared memory.
 *
 * The first page of an index is its header; `src/hamming-index/layout.ts` writes it and must agree with the offsets
 * here. Globals are private to each instance (one per thread); all instances share the memory.
 */

/** Header fields, in bytes from 0. */
const AT_FLAGS: usize = 12
const AT_ROWS: usize = 16
const AT_ENTRIES: usize = 20
const AT_DELTA_CAPACITY: usize = 24
const AT_DELTA_RESERVED: usize = 28
const AT_DELTA_READY: usize = 32
const AT_WITHDRAWN: usize = 36
const AT_SECTIONS: usize = 40

/** Tables of an index: one for each 16-bit half of the eight 32-bit words of a hash. */
export const TABLES: u32 = 16
/** Keys of a table. */
export const KEYS: u32 = 65536
/** Bytes of one table's directory: a start for each key, and an end. */
export const DIRECTORY_BYTES: u32 = 65537 * 4

/** Layout of a thread's scratch, in bytes from its start; the TypeScript side knows queries, output and size. */
const SCRATCH_PROBES: usize = 16384
const SCRATCH_CANDIDATES: usize = 24576
const SCRATCH_OUT: usize = 65536

/** Candidates that fit before they must be verified. */
export const CANDIDATE_CAPACITY: u32 = 4096
/** Matches that fit in a thread's output. */
export const OUT_CAPACITY: u32 = 57344

export let rows: u32 = 0
export let entries: u32 = 0
export let deltaCapacity: u32 = 0
export let hasTables: bool = false
/** First 16 bytes of every hash. */
export let halfA: usize = 0
/** Last 16 bytes of every hash. */
export let halfB: usize = 0
export let starts: usize = 0
export let sketches: usize = 0
export let ids: usize = 0
export let withdrawnBits: usize = 0
export let readyBits: usize = 0
export let delta: usize = 0

export let queries: usize = 0
export let probes: usize = 0
export let candidates: usize = 0
export let out: usize = 0

/** Reads the header and uses the scratch that starts at `scratch`. */
export function configure(scratch: usize): void {
  rows = load<u32>(AT_ROWS)
  entries = load<u32>(AT_ENTRIES)
  deltaCapacity = load<u32>(AT_DELTA_CAPACITY)
  hasTables = (load<u32>(AT_FLAGS) & 1) != 0
  halfA = load<u32>(AT_SECTIONS)
  halfB = load<u32>(AT_SECTIONS, 4)
  starts = load<u32>(AT_SECTIONS, 8)
  sketches = load<u32>(AT_SECTIONS, 12)
  ids = load<u32>(AT_SECTIONS, 16)
  withdrawnBits = load<u32>(AT_SECTIONS, 20)
  readyBits = load<u32>(AT_SECTIONS, 24)
  delta = load<u32>(AT_SECTIONS, 28)
  queries = scratch
  probes = scratch + SCRATCH_PROBES
  candidates = scratch + SCRATCH_CANDIDATES
  out = scratch + SCRATCH_OUT
}

/** Number of reserved slots of the delta; slots that are not yet ready have no valid hash. */
export function deltaReserved(): u32 {
  return atomic.load<u32>(AT_DELTA_RESERVED)
}

/** Reserves the next slot of the delta. Returns its number, or the capacity when the delta is full. */
export function reserveSlot(): u32 {
  while (true) {
    const slot = atomic.load<u32>(AT_DELTA_RESERVED)
    if (slot >= deltaCapacity) return deltaCapacity
    if (atomic.cmpxchg<u32>(AT_DELTA_RESERVED, slot, slot + 1) == slot) return slot
  }
}

// @ts-ignore: decorator
@inline
export function isSet(bits: usize, index: u32): bool {
  return ((atomic.load<u32>(bits + ((index >>> 5) << 2)) >>> (index & 31)) & 1) != 0
}

/** Sets a bit for all threads. Returns whether it was clear before. */
function setBit(bits: usize, index: u32): bool {
  const mask: u32 = 1 << (index & 31)
  return (atomic.or<u32>(bits + ((index >>> 5) << 2), mask) & mask) == 0
}

/** Makes a written slot of the delta visible. */
export function publishSlot(slot: u32): void {
  if (setBit(readyBits, slot)) atomic.add<u32>(AT_DELTA_READY, 1)
}

/** Marks a row as withdrawn. Returns whether it was not before. */
export function withdraw(id: u32): bool {
  const fresh = setBit(withdrawnBits, id)
  if (fresh) atomic.add<u32>(AT_WITHDRAWN, 1)
  return fresh
}
