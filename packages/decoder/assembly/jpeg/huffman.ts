/**
 * Huffman tables (ITU-T T.81, annexes C and F.2.2.3), with two look-ups: one consumes several short symbols at once, for
 * a walk, where only the lengths in the symbols matter; one gives a symbol with its value, for pixels.
 */
import { buffer, skip } from "./bits"
import { TABLES, TABLE_BYTES } from "./memory"
import { makeValues, VALUE_BITS } from "./pixels/values"
import { makeSeveral, SEVERAL_BITS, SEVERAL_BYTES } from "./several"

/** Longest code that is found by a single look-up. */
const SHORT_BITS: i32 = 10
/**
 * Content of a table: whether it is defined (4), length of its definition (4), the definition (272), codes of each
 * length (3 x 72).
 */
const DEFINED: usize = 0
const DEFINITION_LENGTH: usize = 4
const DEFINITION: usize = 8
/** One more than the greatest code of a length, all 16 bits used; 0 where none. */
const LIMIT: usize = 288
/** Offset from a code of a length to the position of its symbol. */
const OFFSET: usize = 360
/** Whether the look-ups are made. */
const HAS_SEVERAL: usize = 432
const HAS_VALUES: usize = 436
/** Length of a short code (high byte) and its symbol, 16 bits each. */
const SHORT: usize = 512
/** The look-up of several symbols; see `several.ts`. */
const SEVERAL: usize = SHORT + 2 * 1024
/** The look-up of a symbol with its value; see `pixels/values.ts`. */
const VALUES: usize = SEVERAL + SEVERAL_BYTES

/** Address of a table: class 0 for first coefficients, 1 for the others. */
export function tableAt(kind: u32, id: u32): usize {
  return TABLES + <usize>(kind * 4 + id) * TABLE_BYTES
}

/** Whether a table is defined. */
export function isDefined(table: usize): bool {
  return load<u32>(table + DEFINED) !== 0
}

/** Forgets all tables; their look-ups are kept for a file with the same tables. */
export function forgetTables(): void {
  for (let i: u32 = 0; i < 8; i++) store<u32>(TABLES + <usize>i * TABLE_BYTES, 0)
}

/** Defines a table by sixteen counts and their symbols. Returns whether such a code is possible. */
export function define(table: usize, definition: usize, length: u32): bool {
  if (load<u32>(table + DEFINITION_LENGTH) === length && memory.compare(table + DEFINITION, definition, length) === 0) {
    store<u32>(table + DEFINED, 1)
    return true
  }
  store<u32>(table + DEFINITION_LENGTH, 0)
  memory.fill(table + SHORT, 0, 2 * 1024)
  let code: u32 = 0
  let place: u32 = 0
  for (let bits: u32 = 1; bits <= 16; bits++) {
    const count: u32 = load<u8>(definition + bits - 1)
    store<i32>(table + OFFSET + (<usize>bits << 2), <i32>place - <i32>code)
    for (let i: u32 = 0; i < count; i++, place++, code++) {
      if (bits > <u32>SHORT_BITS) continue
      const entry = <u16>((bits << 8) | load<u8>(definition + 16 + place))
      const first = code << (<u32>SHORT_BITS - bits)
      const last = (code + 1) << (<u32>SHORT_BITS - bits)
      if (last > 1024) return false
      for (let at = first; at < last; at++) store<u16>(table + SHORT + (<usize>at << 1), entry)
    }
    if (code > (<u32>1 << bits)) return false
    store<u32>(table + LIMIT + (<usize>bits << 2), count === 0 ? 0 : code << (16 - bits))
    code <<= 1
  }
  memory.copy(table + DEFINITION, definition, length)
  store<u32>(table + DEFINITION_LENGTH, length)
  store<u32>(table + HAS_SEVERAL, 0)
  store<u32>(table + HAS_VALUES, 0)
  store<u32>(table + DEFINED, 1)
  return true
}

/** Makes the look-up of several symbols, unless it is there. */
export function needSeveral(table: usize): void {
  if (load<u32>(table + HAS_SEVERAL) !== 0) return
  makeSeveral(table + SEVERAL, table + DEFINITION)
  store<u32>(table + HAS_SEVERAL, 1)
}

/** Makes the look-up of a symbol with its value, unless it is there. */
export function needValues(table: usize): void {
  if (load<u32>(table + HAS_VALUES) !== 0) return
  makeValues(table + VALUES, table + DEFINITION)
  store<u32>(table + HAS_VALUES, 1)
}

/** Whether libjpeg takes a table: no code is of ones only, and a first coefficient has at most fifteen bits. */
export function isTaken(table: usize, isFirst: bool): bool {
  let code: u32 = 0
  let place: usize = table + DEFINITION + 16
  for (let bits: u32 = 1; bits <= 16; bits++, code <<= 1) {
    const count: u32 = load<u8>(table + DEFINITION + bits - 1)
    code += count
    if (count > 0 && code >= <u32>1 << bits) return false
    for (let i: u32 = 0; i < count; i++, place++) if (isFirst && load<u8>(place) > 15) return false
  }
  return true
}

/** The symbol at the beginning of bits with its value; see `pixels/values.ts`. */
// @ts-ignore: decorator
@inline
export function valueIn(table: usize, bits: u64): i32 {
  return load<i32>(table + VALUES + (<usize>(bits >> <u64>(64 - VALUE_BITS)) << 2))
}

/** The whole symbols in bits, the next one on top; see `several.ts`. */
// @ts-ignore: decorator
@inline
export function several(table: usize, bits: u64): u32 {
  return load<u16>(table + SEVERAL + (<usize>(bits >> <u64>(64 - SEVERAL_BITS)) << 1))
}

/** The code at the beginning of bits, the next one on top: its length (8) and symbol (8); 0 where there is none. */
// @ts-ignore: decorator
@inline
export function codeIn(table: usize, bits: u64): u32 {
  const entry: u32 = load<u16>(table + SHORT + (<usize>(bits >> (64 - SHORT_BITS)) << 1))
  return entry === 0 ? longCode(table, <u32>(bits >> 48)) : entry
}

/** Consumes a symbol from a buffer with at least 16 bits; -1 where the bits are not a code. */
// @ts-ignore: decorator
@inline
export function symbol(table: usize): i32 {
  const code = codeIn(table, buffer)
  if (code === 0) return -1
  skip(code >> 8)
  return code & 0xff
}

function longCode(table: usize, bits: u32): u32 {
  for (let length: u32 = <u32>SHORT_BITS + 1; length <= 16; length++) {
    if (bits >= load<u32>(table + LIMIT + (<usize>length << 2))) continue
    const place = <i32>(bits >> (16 - length)) + load<i32>(table + OFFSET + (<usize>length << 2))
    return (length << 8) | load<u8>(table + DEFINITION + 16 + place)
  }
  return 0
}
