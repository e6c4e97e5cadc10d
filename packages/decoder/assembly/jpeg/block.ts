/**
 * One block of each kind of scan (ITU-T T.81, F.2.2 and G.1.2). Each returns whether the data can be a block.
 */
import { fill, skip, take } from "./bits"
import { MASKS, OTHER_TABLE, FIRST_TABLE, PREDICTION, STEP_ID } from "./frame"
import { several, symbol } from "./huffman"
import { STEPS } from "./memory"

/** Blocks that end at once, in progressive scans. */
export let endRun: u32 = 0

/** Starts a stretch between restarts. */
export function forgetEndRun(): void {
  endRun = 0
}

/** Greatest first coefficient of eight bits (F.1.1.3: eight times the mean), and a little for rounding. */
const MOST_FIRST: i32 = 1024 + 16

/** The first coefficient, of a baseline block or of a progressive one's first scan. */
// @ts-ignore: decorator
@inline
export function first(component: usize, low: u32): bool {
  fill()
  const size = symbol(load<u32>(component + FIRST_TABLE))
  if (size === 0) return true
  if (size < 0 || size > 11) return false
  const bits = <i32>take(size)
  const difference = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits
  const value = load<i32>(component + PREDICTION) + difference
  store<i32>(component + PREDICTION, value)
  const step = load<i32>(STEPS + (<usize>load<u32>(component + STEP_ID) << 2))
  const most = MOST_FIRST + (step << low)
  // No brightness is so far from grey: the data has lost its way.
  return abs<i64>((<i64>value << low) * <i64>step) <= <i64>most
}

/** A baseline block. */
export function baseline(component: usize): bool {
  if (!first(component, 0)) return false
  const table = load<u32>(component + OTHER_TABLE)
  let done: u32 = 0
  while (done < 63) {
    fill()
    const known = several(table)
    const after = done + ((known >> 8) & 0xff)
    if (known !== 0 && after < 63) {
      skip(known & 0xff)
      if (known >> 16 !== 0) return true
      done = after
      continue
    }
    const next = symbol(table)
    if (next === 0) return true
    const size = next & 15
    if (next < 0 || size > 10 || (size === 0 && next !== 0xf0)) return false
    done += <u32>((next >> 4) + 1)
    if (done > 63) return false
    skip(size)
  }
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

/** A progressive block's other coefficients, made finer. */
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

/** Passes so many zero coefficients, correcting the others on the way; gives the zero one behind them. */
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
