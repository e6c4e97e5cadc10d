/** A baseline block, as `baseline` walks it, with the values of its coefficients, and its samples from them. */
import { buffer, eightFrom, fillBytes, filled, hasMark, next, restore } from "../bits"
import { isFirst } from "../block"
import { FIRST_TABLE, OTHER_TABLE, PREDICTION, STEP_ID } from "../frame"
import { codeIn, valueIn } from "../huffman"
import { BLOCK } from "../memory"
import { flat, inverse } from "./inverse"
import { offsetAt } from "./order"
import { stepsAt } from "./steps"
import { valueOf } from "./values"

/**
 * Reads a block and writes its samples. Bits are refilled inline, because a call would move them out of the registers.
 *
 * @returns whether the data can be a block; exactly when `baseline` does.
 */
export function paint(component: usize, to: usize, stride: usize): bool {
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
  const first = load<i32>(component + PREDICTION)
  clearBlock()
  store<i16>(BLOCK, <i16>first)
  const table = load<u32>(component + OTHER_TABLE)
  let place: u32 = 0
  // Of at least 56 bits, two short values take up to 22, and a symbol with its value after them up to 26.
  let left = 0
  while (true) {
    if (left === 0) {
      left = 3
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
    }
    left--
    const entry = valueIn(table, bits)
    if (entry !== 0) {
      // A shift takes the lowest six bits of its distance.
      bits <<= <u64>entry
      count -= entry & 0xff
      if (entry >> 16 === 0) break
      place += (entry >> 8) & 0xff
      if (place > 63) return false
      store<i16>(BLOCK + offsetAt(place), <i16>(entry >> 16))
      if (place === 63) break
      continue
    }
    left = 0
    const code = codeIn(table, bits)
    const size = code & 15
    bits <<= code >> 8
    const value = valueOf(<u32>((bits >> 1) >> (63 - size)), size)
    bits <<= size
    count -= <i32>((code >> 8) + size)
    if (code === 0) return false
    if ((code & 0xff) === 0) break
    if (size > 10 || (size === 0 && (code & 0xff) !== 0xf0)) return false
    place += ((code >> 4) & 15) + 1
    if (place > 63) return false
    if (size > 0) store<i16>(BLOCK + offsetAt(place), <i16>value)
    if (place === 63) break
  }
  restore(bits, count, at)
  const steps = stepsAt(load<u32>(component + STEP_ID))
  if (place === 0) flat(first * <i32>load<u16>(steps), to, stride)
  else inverse(steps, to, stride)
  return true
}

// @ts-ignore: decorator
@inline
function clearBlock(): void {
  const zero = i64x2.splat(0)
  v128.store(BLOCK, zero)
  v128.store(BLOCK, zero, 16)
  v128.store(BLOCK, zero, 32)
  v128.store(BLOCK, zero, 48)
  v128.store(BLOCK, zero, 64)
  v128.store(BLOCK, zero, 80)
  v128.store(BLOCK, zero, 96)
  v128.store(BLOCK, zero, 112)
}
