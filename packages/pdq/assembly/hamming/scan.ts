/** Linear scans: exact at every radius, and resumable when the output is full. */
import { delta, deltaReserved, halfA, halfB, isSet, readyBits, rows, withdrawnBits } from "./layout"
import { emit } from "./matches"

/** Result of {@link scanRows} at the end. */
export const SCAN_DONE: u32 = 0xffffffff

// @ts-ignore: decorator
@inline
function distance128(a: usize, q0: u64, q1: u64): u32 {
  return <u32>(popcnt(load<u64>(a) ^ q0) + popcnt(load<u64>(a, 8) ^ q1))
}

/**
 * Finds rows within `radius` of the hash at `query`, from row `from` on: main rows, then the delta.
 *
 * The first 128 bits decide nearly always: of unrelated hashes about 1 in 10^9 passes them at radius 31. Returns the
 * row from which to continue when the output is full, otherwise {@link SCAN_DONE}.
 */
export function scanRows(query: usize, queryIndex: u32, radius: u32, from: u32): u32 {
  const q0 = load<u64>(query)
  const q1 = load<u64>(query, 8)
  const q2 = load<u64>(query, 16)
  const q3 = load<u64>(query, 24)
  for (let row = from; row < rows; row++) {
    const first = distance128(halfA + (row << 4), q0, q1)
    if (first > radius) continue
    const whole = first + distance128(halfB + (row << 4), q2, q3)
    if (whole > radius || isSet(withdrawnBits, row)) continue
    if (!emit(queryIndex, row, whole)) return row
  }
  const tail = deltaReserved()
  for (let slot = from > rows ? from - rows : 0; slot < tail; slot++) {
    const hash = delta + (slot << 5)
    if (distance128(hash, q0, q1) > radius) continue
    // A slot that another thread is still writing does not count yet. Read the hash again once the slot is ready.
    if (!isSet(readyBits, slot) || isSet(withdrawnBits, rows + slot)) continue
    const whole = distance128(hash, q0, q1) + distance128(hash + 16, q2, q3)
    if (whole > radius) continue
    if (!emit(queryIndex, rows + slot, whole)) return rows + slot
  }
  return SCAN_DONE
}

/**
 * The plain scan over whole hashes, 32 bytes apart: the benchmark and the oracle, deliberately without optimisations
 * except two hashes per iteration, which makes it a tenth faster. Same result as {@link scanRows}.
 */
export function scanFlat(hashes: usize, count: u32, query: usize, radius: u32, from: u32): u32 {
  const q0 = load<u64>(query)
  const q1 = load<u64>(query, 8)
  const q2 = load<u64>(query, 16)
  const q3 = load<u64>(query, 24)
  const end = hashes + (count << 5)
  for (let hash = hashes + (from << 5); hash < end; hash += 64) {
    const first = distance256(hash, q0, q1, q2, q3)
    if (first <= radius && !emitFlat(hashes, hash, first)) return <u32>((hash - hashes) >>> 5)
    const next = hash + 32
    const second = distance256(next, q0, q1, q2, q3)
    if (second <= radius && next < end && !emitFlat(hashes, next, second)) return <u32>((next - hashes) >>> 5)
  }
  return SCAN_DONE
}

// @ts-ignore: decorator
@inline
function distance256(hash: usize, q0: u64, q1: u64, q2: u64, q3: u64): u32 {
  return <u32>(
    popcnt(load<u64>(hash) ^ q0) +
    popcnt(load<u64>(hash, 8) ^ q1) +
    popcnt(load<u64>(hash, 16) ^ q2) +
    popcnt(load<u64>(hash, 24) ^ q3)
  )
}

function emitFlat(hashes: usize, hash: usize, distance: u32): bool {
  return emit(0, <u32>((hash - hashes) >>> 5), distance)
}
