/**
 * Decoders for one block of each kind of scan (ITU-T T.81, F.2.2 and G.1.2). Each returns whether the data can be a
 * block.
 */
import { buffer, eightFrom, fill, fillBytes, filled, hasMark, next, restore, skip, take } from "./bits"
import { MASKS, OTHER_TABLE, FIRST_TABLE, PREDICTION, STEP_ID } from "./frame"
import { codeIn, several, symbol } from "./huffman"
import { STEPS } from "./memory"
import { ENDS } from "./several"

/** Number of following blocks that end at once, in progressive scans. */
export let endRun: u32 = 0

/** Starts an interval between restarts. */
export function forgetEndRun(): void {
  endRun = 0
}

/** Greatest first coefficient of eight bits (F.1.1.3: eight times the mean), and a little for rounding. */
const MAX_FIRST: i32 = 1024 + 16

/** The first coefficient, of a baseline block or of a progressive one's first scan. */
// @ts-ignore: decorator
@inline
export function first(component: usize, low: u32): bool {
  fill()
  const size = symbol(load<u32>(component + FIRST_TABLE))
  if (size < 0 || size > 11) return false
  return isFirst(component, size, size === 0 ? 0 : <i32>take(size), low)
}

/** Whether a first coefficient can differ this much from the previous one. */
// @ts-ignore: decorator
@inline
export function isFirst(component: usize, size: i32, bits: i32, low: u32): bool {
  const difference = bits < (1 << size) >> 1 ? bits - (1 << size) + 1 : bits
  const value = load<i32>(component + PREDICTION) + difference
  store<i32>(component + PREDICTION, value)
  const step = load<i32>(STEPS + (<usize>load<u32>(component + STEP_ID) << 2))
  const most = MAX_FIRST + (step << low)
  // No brightness is this far from grey, so the data is out of step.
  return abs<i64>((<i64>value << low) * <i64>step) <= <i64>most
}

/** A baseline block. Bits are refilled inline, twice, because a call would move them out of the registers. */
export function baseline(component: usize): bool {
  let bits = buffer
  let count = filled
  let at = next
  const word = eightFrom(at)
  if (hasMark(word)) {
    restore(bits, count, at)
    fillBytes()
    bits = buffer
    count = filled
    at = next
  } else {
    bits |= word >> count
    at += (63 - count) >>> 3
    count |= 56
  }
  const code = codeIn(load<u32>(component + FIRST_TABLE), bits)
  const size = code & 0xff
  if (code === 0 || size > 11) return false
  bits <<= code >> 8
  if (!isFirst(component, size, <i32>((bits >> 1) >> (63 - size)), 0)) return false
  bits <<= size
  count -= (code >> 8) + size
  const table = load<u32>(component + OTHER_TABLE)
  let done: u32 = 0
  while (true) {
    const word = eightFrom(at)
    if (hasMark(word)) {
      restore(bits, count, at)
      fillBytes()
      bits = buffer
      count = filled
      at = next
    } else {
      bits |= word >> count
      at += (63 - count) >>> 3
      count |= 56
    }
    // At least 56 bits: two look-ups take up to 26 of them, a symbol after them as many.
    let known = several(table, bits)
    let after = done + (known >> 4)
    if (after < 63) {
      bits <<= known & 15
      count -= known & 15
      done = after
      known = several(table, bits)
      after = done + (known >> 4)
      if (after < 63) {
        bits <<= known & 15
        count -= known & 15
        done = after
        continue
      }
    }
    if ((known & ENDS) !== 0 && after < 63 + (ENDS >> 4)) {
      restore(bits << (known & 15), count - <i32>(known & 15), at)
      return true
    }
    const code = codeIn(table, bits)
    const size = code & 15
    bits <<= (code >> 8) + size
    count -= <i32>((code >> 8) + size)
    if (code === 0) return false
    if ((code & 0xff) === 0) break
    if (size > 10 || (size === 0 && (code & 0xff) !== 0xf0)) return false
    done += ((code >> 4) & 15) + 1
    if (done > 63) return false
    if (done === 63) break
  }
  restore(bits, count, at)
  return true
}

/** A progressive block's other coefficients, first scan. */
export function others(component: usize, block: usize, from: u32, to: u32): bool {
  if (endRun > 0) {
    endRun--
    return true
  }
  const table = load<u32>(component + OTHER_TABLE)
  const at = <usize>load<u32>(component + MASKS) + (block << 3)
  let mask = load<u64>(at)
  for (let k = from; k <= to; k++) {
    fill()
    const next = symbol(table)
    if (next < 0) return false
    const size = next & 15
    const run = <u32>(next >> 4)
    if (size === 0) {
      if (run < 15) {
        startRun(run)
        endRun--
        break
      }
      k += 15
      if (k > to) return false
      continue
    }
    k += run
    if (k > to || size > 10) return false
    skip(size)
    mask |= (<u64>1) << k
  }
  store<u64>(at, mask)
  return true
}

/** A progressive block's other coefficients, refinement scan. */
export function finer(component: usize, block: usize, from: u32, to: u32): bool {
  const at = <usize>load<u32>(component + MASKS) + (block << 3)
  let mask = load<u64>(at)
  let k = from
  if (endRun === 0) {
    const table = load<u32>(component + OTHER_TABLE)
    for (; k <= to; k++) {
      fill()
      const next = symbol(table)
      if (next < 0) return false
      const size = next & 15
      let run = <u32>(next >> 4)
      if (size > 1) return false
      if (size === 0 && run < 15) {
        startRun(run)
        break
      }
      if (size === 1) skip(1)
      k = pass(mask, k, to, run)
      if (k > to && (size === 1 || run !== 15)) return false
      if (size === 1) mask |= (<u64>1) << k
    }
  }
  if (endRun > 0) {
    // One more bit for each coefficient that is not zero yet.
    correct(between(load<u64>(at), k, to))
    endRun--
  }
  store<u64>(at, mask)
  return true
}

/** Skips this many zero coefficients, correcting the others on the way; returns the next zero one. */
// @ts-ignore: decorator
@inline
function pass(mask: u64, start: u32, to: u32, zeros: u32): u32 {
  let free = ~mask & upTo(to) & ~upTo(start - 1)
  for (let left = zeros; left > 0 && free !== 0; left--) free &= free - 1
  const k = free === 0 ? to + 1 : <u32>ctz<u64>(free)
  correct(between(mask, start, k - 1))
  return k
}

// @ts-ignore: decorator
@inline
function upTo(k: u32): u64 {
  return ~(<u64>0) >> (63 - k)
}

function between(mask: u64, from: u32, to: u32): i32 {
  return from > to ? 0 : <i32>popcnt<u64>(mask & upTo(to) & ~upTo(from - 1))
}

function correct(bits: i32): void {
  for (let left = bits; left > 0; left -= 32) {
    fill()
    skip(min(left, 32))
  }
}

function startRun(size: u32): void {
  fill()
  endRun = (<u32>1 << size) + (size === 0 ? 0 : take(size))
}
