/**
 * Multi-index look-up with a sibling sketch.
 *
 * Within radius r some 32-bit word of eight differs in at most T = floor(r / 8) bits, and of its two 16-bit halves one
 * differs in at most floor(T / 2). Each half has a table that is probed at its own value and, where T >= 2, at the 16
 * values one bit away. An entry keeps the other half of its word, so that all but a few in a thousand are rejected
 * without reading their hash.
 */
import { bucketChange, bucketOf } from "./bucket"
import {
  CANDIDATE_CAPACITY,
  candidates,
  DIRECTORY_BYTES,
  halfA,
  halfB,
  ids,
  isSet,
  probes,
  rows,
  sketches,
  starts,
  TABLES,
  withdrawnBits,
} from "./layout"
import { emit } from "./matches"

/** Largest radius for the tables: eight words of at most 3 bits each, and 7 more. */
export const PROBE_RADIUS: u32 = 31

/** Entries that are always examined: a scan is only worthwhile when buckets contain much of a long list. */
const ALWAYS_PROBED: u32 = 256

export const PROBED: u32 = 0
export const OUTPUT_FULL: u32 = 1
export const TOO_MANY: u32 = 2

let candidateCount: u32 = 0
/** Keeps the loads that only warm the cache alive. */
export let sink: u32 = 0

/** Records the bucket of each key to probe. Returns their total number of entries. */
function readDirectory(query: usize, flips: u32): u32 {
  let to = probes
  let total: u32 = 0
  let directory = starts
  for (let table: u32 = 0; table < TABLES; table++) {
    const key = bucketOf(load<u16>(query + (table << 1)))
    let pair = load<u64>(directory + (key << 2))
    store<u64>(to, pair)
    total += <u32>(pair >>> 32) - <u32>pair
    to += 8
    for (let bit: u32 = 0; bit < flips; bit++) {
      pair = load<u64>(directory + ((key ^ bucketChange(bit)) << 2))
      store<u64>(to, pair)
      total += <u32>(pair >>> 32) - <u32>pair
      to += 8
    }
    directory += DIRECTORY_BYTES
  }
  return total
}

/**
 * Loads every line of the buckets at once, because scanning would wait for one after another: at 10 million rows this
 * saves more than half of the time.
 */
function warmBuckets(count: u32): void {
  let sum: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const bucket = load<u64>(probes + (i << 3))
    const end = sketches + (<u32>(bucket >>> 32) << 1)
    sum += load<u8>(end)
    for (let at = sketches + (<u32>bucket << 1); at < end; at += 64) sum += load<u8>(at)
  }
  sink += sum
}

// @ts-ignore: decorator
@inline
function dropLowestBit(v: v128): v128 {
  return v128.and(v, i16x8.add(v, i16x8.splat(-1)))
}

/** Collects entries of one bucket whose sketch is within 2 bits: the common case, two steps instead of a count. */
function collectWithin2(bucket: u64, sketch: v128, table: u32): void {
  const zero = i64x2.splat(0)
  const end = <u32>(bucket >>> 32)
  for (let at = <u32>bucket; at < end; at += 16) {
    const from = sketches + (at << 1)
    const a = dropLowestBit(dropLowestBit(v128.xor(v128.load(from), sketch)))
    const b = dropLowestBit(dropLowestBit(v128.xor(v128.load(from, 16), sketch)))
    let mask = <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.eq(a, zero), i16x8.eq(b, zero)))
    if (end - at < 16) mask &= (1 << (end - at)) - 1
    while (mask != 0) {
      addCandidate(at + ctz(mask), table)
      mask &= mask - 1
    }
  }
}

/** Collects entries of one bucket whose sketch is within `allowed` bits. */
function collectWithin(bucket: u64, sketch: v128, table: u32, allowed: u32): void {
  const limit = i16x8.splat(<i16>(allowed + 1))
  const end = <u32>(bucket >>> 32)
  for (let at = <u32>bucket; at < end; at += 8) {
    const bits = i8x16.popcnt(v128.xor(v128.load(sketches + (at << 1)), sketch))
    let mask = <u32>i16x8.bitmask(i16x8.lt_s(i16x8.extadd_pairwise_i8x16_u(bits), limit))
    if (end - at < 8) mask &= (1 << (end - at)) - 1
    while (mask != 0) {
      addCandidate(at + ctz(mask), table)
      mask &= mask - 1
    }
  }
}

// @ts-ignore: decorator
@inline
function addCandidate(at: u32, table: u32): void {
  store<u64>(candidates + (candidateCount << 3), ((<u64>table) << 32) | at)
  candidateCount++
}

/** Whether no earlier table also finds this row, so that a row is reported once without a set of found rows. */
function isFirstTable(row: u32, query: usize, table: u32, allowed: u32): bool {
  const at = row << 4
  for (let word: u32 = 0; word < table >> 1; word++) {
    const half = (word < 4 ? halfA : halfB) + at + ((word & 3) << 2)
    if (<u32>popcnt(load<u32>(half) ^ load<u32>(query + (word << 2))) <= allowed) return false
  }
  if ((table & 1) == 0) return true
  const before = table - 1
  const half = (before < 8 ? halfA : halfB) + at + ((before & 7) << 1)
  return <u32>popcnt(<u32>(load<u16>(half) ^ load<u16>(query + (before << 1)))) > allowed >> 1
}

/** Compares the candidates' whole hashes and reports matches. Returns false when the output is full. */
function verify(query: usize, queryIndex: u32, radius: u32): bool {
  const q0 = load<u64>(query)
  const q1 = load<u64>(query, 8)
  const q2 = load<u64>(query, 16)
  const q3 = load<u64>(query, 24)
  const allowed = radius >> 3
  // Load rows first, then hashes, so that no load waits for the previous one.
  for (let i: u32 = 0; i < candidateCount; i++) {
    const candidate = candidates + (i << 3)
    store<u32>(candidate, load<u32>(ids + (load<u32>(candidate) << 2)))
  }
  for (let i: u32 = 0; i < candidateCount; i++) {
    const candidate = load<u64>(candidates + (i << 3))
    const table = <u32>(candidate >>> 32)
    const row = <u32>candidate
    const at = row << 4
    let whole: u32
    // The half without the table's word usually rejects an unrelated hash.
    if (table < 8) {
      whole = <u32>(popcnt(load<u64>(halfB + at) ^ q2) + popcnt(load<u64>(halfB + at, 8) ^ q3))
      if (whole > radius) continue
      whole += <u32>(popcnt(load<u64>(halfA + at) ^ q0) + popcnt(load<u64>(halfA + at, 8) ^ q1))
    } else {
      whole = <u32>(popcnt(load<u64>(halfA + at) ^ q0) + popcnt(load<u64>(halfA + at, 8) ^ q1))
      if (whole > radius) continue
      whole += <u32>(popcnt(load<u64>(halfB + at) ^ q2) + popcnt(load<u64>(halfB + at, 8) ^ q3))
    }
    if (whole > radius || !isFirstTable(row, query, table, allowed) || isSet(withdrawnBits, row)) continue
    if (!emit(queryIndex, row, whole)) return false
  }
  candidateCount = 0
  return true
}

/**
 * Finds main rows within `radius` (at most {@link PROBE_RADIUS}) of the hash at `query`, in no order.
 *
 * @returns {@link PROBED}; {@link TOO_MANY} when the buckets have so many entries that a scan is cheaper, and nothing
 *   was done; {@link OUTPUT_FULL} with a part of the matches written.
 */
export function probeRows(query: usize, queryIndex: u32, radius: u32): u32 {
  const allowed = radius >> 3
  const flips: u32 = allowed >= 2 ? 16 : 0
  if (readDirectory(query, flips) > (rows >> 3) + ALWAYS_PROBED) return TOO_MANY

  candidateCount = 0
  const step = (1 + flips) << 3
  let from = probes
  warmBuckets(TABLES * (1 + flips))
  for (let table: u32 = 0; table < TABLES; table++) {
    const sketch = i16x8.splat(load<i16>(query + ((table ^ 1) << 1)))
    for (let probe: u32 = 0; probe <= flips; probe++) {
      const bucket = load<u64>(from + (probe << 3))
      const within = probe == 0 ? allowed : allowed - 1
      const size = <u32>(bucket >>> 32) - <u32>bucket
      if (candidateCount + size <= CANDIDATE_CAPACITY) collect(bucket, sketch, table, within)
      else if (!collectInParts(bucket, sketch, table, within, query, queryIndex, radius)) return OUTPUT_FULL
    }
    from += step
  }
  return verify(query, queryIndex, radius) ? PROBED : OUTPUT_FULL
}

// @ts-ignore: decorator
@inline
function collect(bucket: u64, sketch: v128, table: u32, within: u32): void {
  if (within == 2) collectWithin2(bucket, sketch, table)
  else collectWithin(bucket, sketch, table, within)
}

/** Collects a bucket that may have more candidates than fit. Returns false when the output is full. */
function collectInParts(
  bucket: u64,
  sketch: v128,
  table: u32,
  within: u32,
  query: usize,
  queryIndex: u32,
  radius: u32,
): bool {
  const end = <u32>(bucket >>> 32)
  for (let at = <u32>bucket; at < end; at += CANDIDATE_CAPACITY) {
    if (!verify(query, queryIndex, radius)) return false
    const partEnd = end - at < CANDIDATE_CAPACITY ? end : at + CANDIDATE_CAPACITY
    collect(((<u64>partEnd) << 32) | at, sketch, table, within)
  }
  return true
}
